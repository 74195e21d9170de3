/**
 * In which order the pieces of many files are read: those of one time together, so that what one file
 * tells of a process meets what another tells of its connections. Rotated files follow each other and
 * are open one at a time; files of the same days are read side by side.
 *
 * Files of a network (Zeek) need no order but one: names are known before connections come.
 */
import type { EpochMs } from '../../platform/event.ts'
import { openRecordedFile, recordedFileFacts } from '../../platform/recordings/recorded-file.ts'
import { addressBook } from '../../platform/recordings/zeek-reader.ts'
import type { FileSinks } from './formats/format.ts'
import { type FileReport, type OpenFile, openFile, type ReadOptions } from './read-file.ts'
import { formatOf, headOf } from './recorded-format.ts'

/** Files of one time that are open at once; an ordinary process may have 1024. */
const MAX_OPEN = 200

export interface ProbedFile {
  readonly path: string
  /** Of its first event; below all where its first piece tells of none. */
  readonly firstMs: EpochMs
  /** It begins with names: read before all others. */
  readonly hasNames: boolean
}

/** A look at the first piece of a file. What can't be read is told when it is read in full. */
export async function probe(path: string, timeZone: string): Promise<ProbedFile> {
  let firstMs = Number.NEGATIVE_INFINITY
  let hasNames = false
  const sinks = {
    connection: () => {},
    name: () => {
      hasNames = true
    },
    event: (_host: string, { atMs }: { readonly atMs: EpochMs }) => {
      if (firstMs === Number.NEGATIVE_INFINITY) firstMs = atMs
    },
  }
  const unknown = { path, firstMs, hasNames }
  const facts = recordedFileFacts(path)
  // A pipe can be read once only.
  if (facts?.isRegular !== true) return unknown
  try {
    const file = await openRecordedFile(path, (bytes) => {
      const context = { sinks, path, timeZone, modifiedMs: facts.modifiedMs, intern: addressBook() }
      formatOf(headOf(path, bytes))?.open(context).push(bytes)
      return false
    })
    await file.step()
    await file.close()
  } catch {
    return unknown
  }
  return { path, firstMs, hasNames }
}

/**
 * Reads all files to their ends.
 * @param sinksOf where the records of a file go
 * @param tell after each piece: bytes from disk and rows of all files so far
 * @returns what became of each, in the order of `files`
 */
export async function readInOrder(
  files: readonly ProbedFile[],
  sinksOf: (path: string) => FileSinks,
  options: Omit<ReadOptions, 'sinks'>,
  tell: (bytes: number, rows: number) => void,
): Promise<readonly FileReport[]> {
  const waiting = [...files.entries()].sort(
    ([i, a], [j, b]) => Number(b.hasNames) - Number(a.hasNames) || byTime(a, b) || i - j,
  )
  const reports = new Map<number, FileReport>()
  const open = new Map<number, OpenFile>()
  let [doneBytes, doneRows] = [0, 0]

  function progress(): void {
    let [bytes, rows] = [doneBytes, doneRows]
    for (const file of open.values()) {
      bytes += file.readBytes
      rows += file.report.counts.rows
    }
    tell(bytes, rows)
  }

  while (open.size > 0 || waiting.length > 0) {
    const behind = furthestBehind(open)
    const next = waiting[0]
    const isNext =
      next !== undefined &&
      open.size < MAX_OPEN &&
      (behind === undefined || next[1].firstMs < behind[1].atMs)
    if (isNext) {
      waiting.shift()
      const [at, { path }] = next
      open.set(at, openFile(path, { ...options, sinks: sinksOf(path) }))
      continue
    }
    if (behind === undefined) break
    const [at, file] = behind
    if (!(await file.step())) {
      open.delete(at)
      reports.set(at, file.report)
      doneBytes += file.readBytes
      doneRows += file.report.counts.rows
    }
    progress()
  }
  return files.flatMap((_, at) => reports.get(at) ?? [])
}

const byTime = (a: ProbedFile, b: ProbedFile): number =>
  a.firstMs === b.firstMs ? 0 : a.firstMs - b.firstMs

function furthestBehind(
  open: ReadonlyMap<number, OpenFile>,
): readonly [at: number, file: OpenFile] | undefined {
  let behind: readonly [number, OpenFile] | undefined
  for (const one of open) if (behind === undefined || one[1].atMs < behind[1].atMs) behind = one
  return behind
}
