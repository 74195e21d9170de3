/**
 * Parses a job of the `at` queue: its file's name holds queue, number and time, its text what
 * `/bin/sh` reads. Pure.
 *
 * A name is a letter (the queue; `=` while the job runs), five hex digits of job number and eight of
 * minutes since the epoch. The text is a shell script that sets the environment and the folder
 * first; what the user asked for stands behind that.
 */
import type { EpochMs, Schedule } from '../event.ts'
import { malformed, type Parsed, parsed } from '../parsed.ts'

const NAME = /^[a-zA-Z=]([0-9a-f]{5})([0-9a-f]{8})$/
const OWNER = /^# atrun uid=(\d+) gid=\d+$/m
/** The last line of the frame that `at` writes around a job. */
const FRAME_END = "\n\t echo 'Execution directory inaccessible' >&2\n\t exit 1\n}\n"
/** Newer versions put the job into a here document of the user's shell. */
const HERE_DOCUMENT = /^\$\{SHELL:-\/bin\/sh\} << '(marcinDELIMITER[0-9a-f]+)'\n([\s\S]*?)\n*\1\s*$/
const MINUTE_MS = 60_000

export interface AtJobOptions {
  readonly file: string
  readonly modifiedMs?: EpochMs
}

export function parseAtJob(text: string, { file, modifiedMs }: AtJobOptions): Parsed<Schedule> {
  const name = file.slice(file.lastIndexOf('/') + 1)
  const [, number = '', minutes] = NAME.exec(name) ?? []
  if (minutes === undefined) return malformed('not the name of an at job')
  const end = text.indexOf(FRAME_END)
  if (end < 0) return malformed('not the text of an at job')
  const body = text.slice(end + FRAME_END.length)
  const command = (HERE_DOCUMENT.exec(body)?.[2] ?? body).trim()
  if (command === '') return malformed('no command')
  const atMs = Number.parseInt(minutes, 16) * MINUTE_MS
  const uid = OWNER.exec(text)?.[1]
  return parsed({
    // Without the queue, which changes to `=` when the job starts.
    id: `at:${Number.parseInt(number, 16)}:${minutes}`,
    scheduler: 'at',
    trigger: `${new Date(atMs).toISOString().slice(0, 16)}Z`,
    command,
    ...(uid === undefined ? {} : { user: { id: uid } }),
    file,
    ...(modifiedMs === undefined ? {} : { modifiedMs }),
    timing: { kind: 'once', atMs },
  })
}
