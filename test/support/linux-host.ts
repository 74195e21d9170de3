/**
 * A Linux host as its recordings would be, made up: a job of cron that uploads something by curl, in
 * audit.log, cron's log and conntrack's events. Nothing in it was recorded anywhere.
 */

export interface JobRuns {
  readonly script: string
  /** IPv4. */
  readonly destination: string
  readonly port: number
  readonly sentBytes: number
  readonly startsMs: readonly number[]
  /** First process number; a run takes four. */
  readonly pid: number
}

interface Stamped {
  readonly atMs: number
  readonly line: string
}

const SOURCE = '10.0.0.5'
/** IP and TCP headers with time stamps, and what a SYN carries beyond that. */
const PACKET_HEADERS = 52
const SYN_EXTRA = 8
const PACKETS = 10

export const auditLog = (jobs: readonly JobRuns[], node = ''): string =>
  numbered(
    jobs.flatMap((job) => job.startsMs.flatMap((atMs, i) => auditRun(job, atMs, i))),
    node,
  )

function auditRun({ script, destination, port, pid: first }: JobRuns, atMs: number, run: number) {
  const pid = first + run * 4
  const exec = (
    later: number,
    parent: number,
    own: number,
    exe: string,
    args: readonly string[],
  ) => ({
    atMs: atMs + later,
    records: [
      `SYSCALL arch=c000003e syscall=59 success=yes exit=0 a0=0 ppid=${parent} pid=${own} auid=0 uid=0 euid=0 comm="${exe.split('/').at(-1)}" exe="${exe}"`,
      `EXECVE argc=${args.length} ${args.map((arg, i) => `a${i}="${arg}"`).join(' ')}`,
    ],
  })
  const address = destination.split('.').map((octet) => hex(Number(octet), 2))
  return [
    exec(10, 900, pid, '/usr/bin/dash', ['/bin/sh', '-c', script]),
    exec(20, pid, pid + 1, '/usr/bin/bash', ['/bin/bash', script]),
    exec(30, pid + 1, pid + 2, '/usr/bin/curl', ['curl', '--data-binary', '@-']),
    {
      atMs: atMs + 50,
      records: [
        `SYSCALL arch=c000003e syscall=42 success=yes exit=0 a0=3 ppid=${pid + 1} pid=${pid + 2} auid=0 uid=0 euid=0 comm="curl" exe="/usr/bin/curl"`,
        `SOCKADDR saddr=0200${hex(port, 4)}${address.join('')}0000000000000000`,
      ],
    },
  ]
}

const hex = (value: number, digits: number): string =>
  value.toString(16).toUpperCase().padStart(digits, '0')

/** Records with one serial an event, as the kernel counts. */
function numbered(
  events: readonly { readonly atMs: number; readonly records: readonly string[] }[],
  node: string,
): string {
  const lines = events
    .toSorted((a, b) => a.atMs - b.atMs)
    .flatMap(({ atMs, records }, i) => {
      const stamp = `msg=audit(${(atMs / 1000).toFixed(3)}:${100 + i}):`
      const start = node === '' ? '' : `node=${node} `
      return [...records, 'EOE '].map((record) => {
        const [type, ...rest] = record.split(' ')
        return `${start}type=${type} ${stamp} ${rest.join(' ')}`
      })
    })
  return `${lines.join('\n')}\n`
}

/** As rsyslog writes it in its RFC 3339 form. */
export const cronLog = (jobs: readonly JobRuns[], host: string): string =>
  inOrder(
    jobs.flatMap(({ script, startsMs, pid }) =>
      startsMs.map((atMs, i) => ({
        atMs,
        line: `${new Date(atMs).toISOString().replace('Z', '+00:00')} ${host} CRON[${pid + i * 4}]: (root) CMD (${script})`,
      })),
    ),
  )

/** As `conntrack -E -o timestamp` writes it; each connection takes two seconds, and the kernel
 * keeps what is closed for ten more. */
export const conntrackLog = (jobs: readonly JobRuns[], source = SOURCE): string =>
  inOrder(
    jobs.flatMap(({ destination, port, sentBytes, startsMs }) =>
      startsMs.flatMap((atMs, i) => {
        const local = 40_000 + (i % 20_000)
        const there = `src=${source} dst=${destination} sport=${local} dport=${port}`
        const back = `src=${destination} dst=${source} sport=${port} dport=${local}`
        const sent = sentBytes + PACKETS * PACKET_HEADERS + SYN_EXTRA
        const received = 300 + PACKETS * PACKET_HEADERS + SYN_EXTRA
        const at = (later: number, line: string): Stamped => ({
          atMs: atMs + later,
          line: `[${((atMs + later) / 1000).toFixed(6)}]\t${line}`,
        })
        return [
          at(50, `    [NEW] tcp      6 120 SYN_SENT ${there} [UNREPLIED] ${back}`),
          at(60, ` [UPDATE] tcp      6 60 SYN_RECV ${there} ${back}`),
          at(70, ` [UPDATE] tcp      6 432000 ESTABLISHED ${there} ${back} [ASSURED]`),
          at(
            12_050,
            `[DESTROY] tcp      6 CLOSE ${there} packets=${PACKETS} bytes=${sent} ${back} packets=${PACKETS} bytes=${received} [ASSURED]`,
          ),
        ]
      }),
    ),
  )

const inOrder = (lines: readonly Stamped[]): string =>
  `${lines
    .toSorted((a, b) => a.atMs - b.atMs)
    .map(({ line }) => line)
    .join('\n')}\n`
