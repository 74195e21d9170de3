/**
 * Reads a line of `eslogger exec fork exit`: one message of Endpoint Security as JSON. Pure.
 *
 * Message versions 7 to 11. A pid execs more than once: launchd's child becomes `xpcproxy JOB`, and
 * that becomes the job's program; `sh` becomes `bash`. The process keeps its pid and start time then,
 * which is what it is told by. Event types and fields that are not known are left alone: Apple
 * promises nothing about this format.
 * @see https://keith.github.io/xcode-man-pages/eslogger.1.html
 */
import type { CodeSignature, EpochMs, Event, Process } from '../event.ts'
import { malformed, type Parsed, parsed } from '../parsed.ts'
import {
  type Fields,
  fieldsOf,
  parseObject,
  textOf,
  textsOf,
  wholeOf,
  within,
} from './json-fields.ts'

export interface EsloggerMessage {
  readonly atMs: EpochMs
  /** `exec`, `fork`, `exit`, or the name of a type that we do not read. */
  readonly type: string
  /** Counts the messages of this type, from 0, since eslogger started. */
  readonly seq?: number
  /** Counts the messages of all types that eslogger asked for. */
  readonly globalSeq?: number
  /** Without a dataset; empty where the type is not read. */
  readonly events: readonly EsloggerEvent[]
}

type Undated<E> = E extends Event ? Omit<E, 'dataset'> : never
export type EsloggerEvent = Undated<Extract<Event, { kind: ProcessKind | 'schedule-run' }>>
type ProcessKind = 'process-start' | 'process-end'

const XPCPROXY = '/usr/libexec/xpcproxy'
/** `application.com.apple.Safari.1.2`: what a person opened, and no job. */
const OPENED_BY_A_PERSON = /^application\./
/** As an audit token has it where nobody logged in. */
const NO_LOGIN = 0xffff_ffff

export function parseEsloggerLine(line: string): Parsed<EsloggerMessage> {
  const message = parseObject(line)
  if (message === undefined) return malformed('not a JSON object')
  const event = fieldsOf(message['event'])
  const type = Object.keys(event ?? {})[0]
  const atMs = timeOf(message['time'])
  if (type === undefined || atMs === undefined) return malformed('no event or time')
  const events = eventsOf(type, atMs, message, within(event, type))
  if (events === undefined) return malformed(`${type}: no process`)
  const seq = wholeOf(message['seq_num'])
  const globalSeq = wholeOf(message['global_seq_num'])
  return parsed({
    atMs,
    type,
    ...(seq !== undefined && { seq }),
    ...(globalSeq !== undefined && { globalSeq }),
    events,
  })
}

function eventsOf(
  type: string,
  atMs: EpochMs,
  message: Fields,
  facts: Fields | undefined,
): readonly EsloggerEvent[] | undefined {
  switch (type) {
    case 'exec': {
      const target = processOf(fieldsOf(facts?.['target']))
      if (target === undefined) return undefined
      const process: Process = { ...target, ...programOf(facts) }
      return [{ kind: 'process-start', atMs, process }, ...jobRun(process, atMs)]
    }
    case 'fork': {
      // The child has its parent's image until it execs: what it runs is not told again.
      const process = processOf(fieldsOf(facts?.['child']))
      return process && [{ kind: 'process-start', atMs, process }]
    }
    case 'exit': {
      const process = processOf(fieldsOf(message['process']))
      return process && [{ kind: 'process-end', atMs, process }]
    }
    default:
      return []
  }
}

function programOf(facts: Fields | undefined): Pick<Process, 'args' | 'workingDirectory'> {
  const args = textsOf(facts?.['args'])
  const workingDirectory = textOf(within(facts, 'cwd')?.['path'])
  return { ...(args && { args }), ...(workingDirectory && { workingDirectory }) }
}

/** launchd starts a job as `xpcproxy LABEL`: this tells of the run before its program has begun. */
function jobRun({ pid, executable, args, user }: Process, atMs: EpochMs): EsloggerEvent[] {
  const label = args?.[1]
  if (executable !== XPCPROXY || !label || OPENED_BY_A_PERSON.test(label)) return []
  return [
    {
      kind: 'schedule-run',
      atMs,
      scheduler: 'launchd',
      scheduleId: label,
      process: { pid },
      ...(user && { user }),
    },
  ]
}

function processOf(facts: Fields | undefined): Process | undefined {
  const token = tokenOf(facts?.['audit_token'])
  if (facts === undefined || token?.pid === undefined) return undefined
  const parentPid = wholeOf(facts['ppid'])
  const startMs = timeOf(facts['start_time'])
  const executable = textOf(within(facts, 'executable')?.['path'])
  const { euid, auid } = token
  const codeSignature = signatureOf(facts)
  return {
    pid: token.pid,
    ...(startMs !== undefined && { startMs }),
    ...(parentPid !== undefined && { parentPid }),
    ...(executable && { executable }),
    ...(euid !== undefined && { user: { id: String(euid) } }),
    ...(auid !== undefined && auid !== NO_LOGIN && { loginUser: { id: String(auid) } }),
    ...(codeSignature && { codeSignature }),
  }
}

interface Token {
  readonly pid: number | undefined
  readonly euid: number | undefined
  readonly auid: number | undefined
}

/** An object, or since version 10 the eight words of `audit_token_t` in the kernel's order. */
function tokenOf(value: unknown): Token | undefined {
  if (Array.isArray(value)) {
    const [auid, euid, , , , pid] = value.map(wholeOf)
    return value.length === TOKEN_WORDS ? { pid, euid, auid } : undefined
  }
  const fields = fieldsOf(value)
  return (
    fields && {
      pid: wholeOf(fields['pid']),
      euid: wholeOf(fields['euid']),
      auid: wholeOf(fields['auid']),
    }
  )
}

/** auid, euid, egid, ruid, rgid, pid, asid, pidversion. */
const TOKEN_WORDS = 8

function signatureOf(facts: Fields): CodeSignature | undefined {
  const id = textOf(facts['signing_id'])
  const teamId = textOf(facts['team_id'])
  const isPlatform = facts['is_platform_binary']
  const signature: CodeSignature = {
    ...(id && { id }),
    ...(teamId && { teamId }),
    ...(typeof isPlatform === 'boolean' && { isPlatform }),
  }
  return Object.keys(signature).length > 0 ? signature : undefined
}

/** `2025-08-07T15:13:09.811587464Z`: nanoseconds, cut to whole milliseconds. */
function timeOf(value: unknown): EpochMs | undefined {
  const match = typeof value === 'string' ? TIME.exec(value) : null
  const atMs =
    match === null ? Number.NaN : Date.parse(`${match[1]}.${(match[2] ?? '').padEnd(3, '0')}Z`)
  return Number.isNaN(atMs) ? undefined : atMs
}

const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,3})\d*)?Z$/
