/**
 * The agent's own log as a file with a bound, for services whose manager keeps none (launchd): at its
 * bound the file is renamed to `.1`, that to `.2`, and the last goes. Written at once, since a log is for
 * what happened just before the end. A link at the path is refused. What the disk has no room for is
 * counted, and told by the next line that it takes: a log is no reason to stop.
 */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { AgentError, codeOf, faultOf } from '../platform/errors.ts'

/** Of one file, and of what the manager keeps of a process that fails. */
const MAX_BYTES = 4 << 20
/** With the one that is written: 16 MiB in all. */
const MAX_FILES = 4
const MODE = 0o640
const FLAGS =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0)

export interface LogFile {
  write(text: string): void
  close(): void
}

/** @throws {AgentError} `ERR_LOG_FILE` where it can't be written at all */
export function logFile(path: string, maxBytes: number = MAX_BYTES): LogFile {
  let file = opened(path)
  let bytes = fstatSync(file).size
  let lost = 0

  function rotate(): void {
    for (let n = MAX_FILES - 1; n > 0; n--) {
      moveIfThere(n === 1 ? path : `${path}.${n - 1}`, `${path}.${n}`)
    }
    const next = opened(path)
    closeSync(file)
    file = next
    bytes = 0
  }

  return {
    write(text) {
      try {
        if (bytes > 0 && bytes + Buffer.byteLength(text) > maxBytes) rotate()
        if (lost > 0) bytes += writeSync(file, `${lost} lines before this were not written\n`)
        lost = 0
        bytes += writeSync(file, text)
      } catch (error) {
        if (codeOf(error) === undefined) throw error
        lost++
      }
    },
    close: () => closeSync(file),
  }
}

/**
 * Empties the file that a service manager appends a process' errors to, where it has grown beyond its
 * bound: one that fails at each start would fill the disk. Nothing where it is a terminal or a pipe.
 */
export function boundErrors(fd: number, maxBytes: number = MAX_BYTES): void {
  const facts = fstatSync(fd)
  if (facts.isFile() && facts.size > maxBytes) ftruncateSync(fd, 0)
}

function opened(path: string): number {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o750 })
    return openSync(path, FLAGS, MODE)
  } catch (cause) {
    const fault = codeOf(cause) === 'ELOOP' ? 'is a link' : faultOf(cause)
    throw new AgentError('ERR_LOG_FILE', `${path}: ${fault}`, {
      cause,
      remedy: 'choose another file with --log-file',
    })
  }
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
}
