/**
 * A property list of launchd, XML or binary: the definition that runs and transfers beside it are of.
 * Where it lies in a folder of launchd's, the path from there on tells whose job it is.
 */
import type { Event } from '../../../platform/event.ts'
import { parseLaunchdPlist } from '../../../platform/macos/launchd-plist.ts'
import { launchdPath } from '../places.ts'
import type { ReaderContext, RecordedFormat, RecordReader } from './format.ts'

const XML = /^(?:<\?xml|<!--|<!DOCTYPE plist|<plist)/
const BINARY = 'bplist00'
/** Before all that is recorded: a job was there when its first run was seen. */
const BEFORE_ALL = 0
/** The largest that is read; a real one has a hundredth of it. */
const MAX_BYTES = 1 << 20

export const macosPlist: RecordedFormat = {
  name: 'launchd',
  description: 'property lists of launchd, XML or binary: the definitions of its jobs',
  is: ({ text }) => text.startsWith(BINARY) || (XML.test(text) && /<plist[\s>]/.test(text)),
  open: plistReader,
}

function plistReader({ sinks, path, modifiedMs }: ReaderContext): RecordReader {
  const counts = { rows: 0, connections: 0, names: 0, ignored: 0, malformed: 0 }
  const faults: { line: number; reason: string }[] = []
  const chunks: Buffer[] = []
  let bytes = 0
  let refusal: string | undefined

  function take(): void {
    const within = launchdPath(path)
    const job = parseLaunchdPlist(Buffer.concat(chunks), { file: within ?? path, modifiedMs })
    counts.rows++
    if (job.ok) {
      const found = { kind: 'schedule-change', change: 'found', schedule: job.value } as const
      sinks.event('', { ...found, atMs: BEFORE_ALL, dataset: 'macos.schedules' } satisfies Event)
    } else if (within === undefined && NO_JOB.test(job.reason)) counts.ignored++
    else {
      counts.malformed++
      faults.push({ line: 1, reason: job.reason })
    }
  }

  return {
    counts,
    faults,
    get refusal() {
      return refusal
    },
    push(chunk) {
      bytes += chunk.length
      if (bytes > MAX_BYTES) refusal = 'no definition of a job: larger than 1 MiB'
      else chunks.push(Buffer.from(chunk))
    },
    end() {
      if (refusal === undefined) take()
    },
  }
}

/** Property lists keep all sorts of things; only in launchd's folders each must be a job. */
const NO_JOB = /: no job: /
