/**
 * What a message of the unified log tells of jobs and connections. Pure: an entry in, a fact out.
 *
 * Four writers are read: launchd (a job was spawned), Network.framework (a connection begins, a path of
 * it connects), CFNetwork (a task is done, with its bytes) and the kernel (a TCP socket connects and
 * closes, with its process and bytes). launchd and the kernel count only under their own pid.
 */
import { type LoggedEndpoint, parseLoggedEndpoint } from './network-endpoint.ts'
import type { LogEntry } from './unified-log-entry.ts'

export type LogFact =
  | { readonly kind: 'job'; readonly label: string; readonly program: string; readonly pid: number }
  /** Connection `number` of the process that writes; asked for `to`, which may be a name. */
  | {
      readonly kind: 'begin'
      readonly number: number
      readonly to: LoggedEndpoint
      readonly transport?: 'tcp' | 'udp'
    }
  /** A path of that connection reached an address. */
  | { readonly kind: 'connected'; readonly number: number; readonly to: LoggedEndpoint }
  | {
      readonly kind: 'task'
      readonly number: number
      readonly sentBytes: number
      readonly receivedBytes: number
    }
  | KernelTcp

/** The kernel knows a socket by a number that no other socket gets. */
export interface KernelTcp {
  readonly kind: 'tcp'
  readonly phase: 'outgoing' | 'summary'
  readonly socket: string
  readonly local: LoggedEndpoint
  readonly remote: LoggedEndpoint
  readonly pid: number
  readonly name: string
  readonly sentBytes: number
  readonly receivedBytes: number
}

export function logFact({ pid, image, subsystem, message }: LogEntry): LogFact | undefined {
  if (pid === 0) return kernelTcp(message)
  if (pid === 1) return image === '/sbin/launchd' ? spawnedJob(subsystem, message) : undefined
  if (subsystem === 'com.apple.CFNetwork') return taskSummary(message)
  return subsystem === 'com.apple.network' ? connectionOf(message) : undefined
}

/** The subsystem names the job, `system/com.x.backup [93638]`; older systems put it into the text. */
const JOB = /^\[?(?:system|(?:gui|user|login|pid)\/\d+)\/(.+?) \[\d+\]/
const SPAWNED = /(?:^|\] )Successfully spawned (.+)\[(\d+)\] because /

function spawnedJob(subsystem: string, message: string): LogFact | undefined {
  const label = (JOB.exec(subsystem) ?? JOB.exec(message))?.[1]
  const [, program = '', pid] = SPAWNED.exec(message) ?? []
  return label && pid ? { kind: 'job', label, program, pid: Number(pid) } : undefined
}

const BEGIN = /^\[C(\d+) [0-9A-F-]{36} (\S+) (tcp|udp|quic)?,? ?.*\] start$/
const CONNECTED =
  /^\[C(\d+)(?:\.\d+)* (\S+) ready (?:socket|channel)-flow .*\] event: flow:finish_connect /

function connectionOf(message: string): LogFact | undefined {
  const begin = BEGIN.exec(message)
  const [, number, text = '', word] = begin ?? CONNECTED.exec(message) ?? []
  const to = parseLoggedEndpoint(text)
  if (number === undefined || to === undefined) return undefined
  if (begin === null) return { kind: 'connected', number: Number(number), to }
  const transport = word === 'quic' ? 'udp' : (word as 'tcp' | 'udp' | undefined)
  return { kind: 'begin', number: Number(number), to, ...(transport && { transport }) }
}

const SUMMARY = /^Task <[0-9A-F-]{36}>\.<\d+> summary for task \w+ \{(.*)\}$/

function taskSummary(message: string): LogFact | undefined {
  const text = SUMMARY.exec(message)?.[1]
  if (text === undefined) return undefined
  const values = new Map(
    text.split(', ').map((pair) => {
      const [key = '', value = ''] = pair.split('=', 2)
      return [key, value] as const
    }),
  )
  const number = wholeNumber(values.get('connection'))
  const sentBytes = wholeNumber(values.get('request_bytes'))
  const receivedBytes = wholeNumber(values.get('response_bytes'))
  if (number === undefined || sentBytes === undefined || receivedBytes === undefined) {
    return undefined
  }
  return { kind: 'task', number, sentBytes, receivedBytes }
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

const TCP_OUTGOING = /^tcp connect (outgoing): \[(.+)<->(.+)\] interface: /
const TCP_SUMMARY = /^tcp_connection_(summary) \([^)]*\) ?\[(.+)<->(.+)\] interface: /
const SOCKET = /\bso_gencnt: (\d+) .*?\bprocess: (.*?):(\d+) .*?\bbytes in\/out: (\d+)\/(\d+)/

function kernelTcp(message: string): KernelTcp | undefined {
  const head = TCP_OUTGOING.exec(message) ?? TCP_SUMMARY.exec(message)
  const [, socket, name = '', pid, received, sent] = SOCKET.exec(message) ?? []
  const [, phase, localText = '', remoteText = ''] = head ?? []
  const local = parseLoggedEndpoint(localText)
  const remote = parseLoggedEndpoint(remoteText)
  if (socket === undefined || local === undefined || remote === undefined) return undefined
  return {
    kind: 'tcp',
    phase: phase as KernelTcp['phase'],
    socket,
    local,
    remote,
    pid: Number(pid),
    name,
    sentBytes: Number(sent),
    receivedBytes: Number(received),
  }
}
