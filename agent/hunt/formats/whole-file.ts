/** Reads a format that makes sense as a whole only, such as a file of definitions. Pure but for its own state. */
import type { RowFault } from '../../../platform/recordings/zeek-reader.ts'
import type { RecordReader } from './format.ts'

/** The largest that is read; a real one has a hundredth of it. */
const MAX_BYTES = 1 << 20

export interface WholeFileBooks {
  readonly counts: {
    rows: number
    connections: number
    names: number
    ignored: number
    malformed: number
  }
  readonly faults: RowFault[]
}

/** @param what it is, for the refusal of one that is too large: `crontab` */
export function wholeFileReader(
  what: string,
  take: (bytes: Buffer, books: WholeFileBooks) => void,
): RecordReader {
  const counts = { rows: 0, connections: 0, names: 0, ignored: 0, malformed: 0 }
  const faults: RowFault[] = []
  const chunks: Buffer[] = []
  let bytes = 0
  let refusal: string | undefined
  return {
    counts,
    faults,
    get refusal() {
      return refusal
    },
    push(chunk) {
      bytes += chunk.length
      if (bytes > MAX_BYTES) refusal = `no ${what}: larger than 1 MiB`
      else chunks.push(Buffer.from(chunk))
    },
    end() {
      if (refusal === undefined) take(Buffer.concat(chunks), { counts, faults })
    },
  }
}
