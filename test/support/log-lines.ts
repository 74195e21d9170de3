/** Entries of the unified log made by hand for tests: a writer, and what it wrote. */

export interface LogText {
  readonly message: string
  readonly time?: string
  readonly pid?: number
  readonly image?: string
  readonly subsystem?: string
  readonly category?: string
}

export function logLine({ message, ...rest }: LogText): string {
  return JSON.stringify({
    traceID: 1,
    eventType: 'logEvent',
    eventMessage: message,
    timestamp: rest.time ?? '2025-06-24 14:32:34.176682+0300',
    processID: rest.pid ?? 500,
    processImagePath: rest.image ?? '/Applications/X.app/Contents/MacOS/X',
    userID: 501,
    subsystem: rest.subsystem ?? '',
    category: rest.category ?? '',
  })
}

const UUID = '0786C1BF-63CD-46FB-8E1E-A9E7737CE182'

/** Network.framework: connection `number` begins. */
export const beginLine = (number: number, to: string, rest: Partial<LogText> = {}): string =>
  logLine({
    subsystem: 'com.apple.network',
    category: 'connection',
    ...rest,
    message: `[C${number} ${UUID} ${to} tcp, url hash: 008aa370, tls, definite, attribution: developer] start`,
  })

/** A path of it is up. */
export const upLine = (path: string, to: string, rest: Partial<LogText> = {}): string =>
  logLine({
    subsystem: 'com.apple.network',
    category: 'connection',
    ...rest,
    message: `[C${path} ${to} ready channel-flow (satisfied (Path is satisfied), viable, interface: en0, ipv4, dns)] event: flow:finish_connect @0.056s`,
  })

/** CFNetwork: a task on it is done. */
export const taskLine = (number: number, sent: number, received: number): string =>
  logLine({
    subsystem: 'com.apple.CFNetwork',
    category: 'Summary',
    message: `Task <${UUID}>.<2> summary for task success {transaction_duration_ms=506, response_status=200, connection=${number}, protocol="h2", request_bytes=${sent}, request_throughput_kbps=9, response_bytes=${received}, cache_hit=false}`,
  })

export interface TcpText extends Partial<LogText> {
  readonly socket?: number
  readonly process?: string
  readonly ends?: string
  /** Received and sent. */
  readonly bytes?: string
}

/** The kernel: a socket connects, or closes. */
export function tcpLine(phase: 'outgoing' | 'summary', text: TcpText = {}): string {
  const {
    socket = 7,
    process = 'curl:500',
    ends = '<IPv4-redacted>:61500<-><IPv4-redacted>:443',
  } = text
  const head =
    phase === 'outgoing' ? 'tcp connect outgoing: ' : 'tcp_connection_summary (tcp_usrclosed:3210)'
  return logLine({
    pid: 0,
    image: '/kernel',
    ...(text.time && { time: text.time }),
    message: `${head}[${ends}] interface: en0 (skipped: 196)\nso_gencnt: ${socket} t_state: SYN_SENT process: ${process} SYN in/out: 0/1 bytes in/out: ${text.bytes ?? '0/0'} pkts in/out: 0/0 rtt: 0.0 ms`,
  })
}

/** launchd: a job was spawned. */
export const spawnLine = (label: string, pid: number, rest: Partial<LogText> = {}): string =>
  logLine({
    pid: 1,
    image: '/sbin/launchd',
    subsystem: `system/${label} [${pid}]`,
    ...rest,
    message: `Successfully spawned backup[${pid}] because interval`,
  })
