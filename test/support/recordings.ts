/**
 * Real recordings by others live outside the repository, in `../shared/recordings` or the folder
 * that `TIDEWATCH_RECORDINGS` names. Tests that need them skip, saying so, where they are absent.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder =
  process.env['TIDEWATCH_RECORDINGS'] ??
  join(import.meta.dirname, '..', '..', '..', 'shared', 'recordings')

/** The path of a recording, as in the first column of FILES.tsv. */
export const recording = (path: string): string => join(folder, path)

/** For tap's `skip`: the reason, or `false` where the recordings are there. */
export const withoutRecordings: string | false = existsSync(join(folder, 'FILES.tsv'))
  ? false
  : `no recordings in ${folder}`

export interface RecordingFile {
  readonly path: string
  readonly bytes: number
  /** What its README counted, e.g. `SYSCALL=12 PATH=9`; as text, since its words differ by folder. */
  readonly counts: string
  readonly note: string
}

/** The rows of FILES.tsv whose path starts with `prefix`. Empty where there are no recordings. */
export function recordings(prefix: string): readonly RecordingFile[] {
  if (withoutRecordings) return []
  const [header = '', ...rows] = readFileSync(recording('FILES.tsv'), 'utf8').trimEnd().split('\n')
  const columns = header.split('\t')
  return rows
    .map((row) => row.split('\t'))
    .map((cells) => Object.fromEntries(columns.map((name, i) => [name, cells[i] ?? ''])))
    .filter((row) => row['path']?.startsWith(prefix))
    .map((row) => ({
      path: row['path'] ?? '',
      bytes: Number(row['bytes']),
      counts: row['counts'] ?? '',
      note: row['note'] ?? '',
    }))
}
