/**
 * Stands where auditd stands: the same records go to a log file and to whoever reads the af_unix
 * plugin's socket. What it tells is a host with jobs that send at fixed intervals, each run a program
 * that starts and connects; it remembers every beat, so that a test knows what there was to see.
 */
import { appendFileSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { head } from './audit-lines.ts'

/** auditd's q_depth of 2,000 events. */
const QUEUE_BYTES = 1 << 20

export interface FedBeat {
  readonly actor: string | Buffer
  readonly atMs: number
  /** Of its connection: the record that makes it a transfer. */
  readonly serial: number
}

export interface FedJob {
  /** Path of its program; any bytes. */
  readonly actor: string | Buffer
  readonly destinationIp: string
  readonly periodMs: number
  readonly startMs: number
  readonly endMs: number
}

const OTHER_SOURCES: readonly string[] = [
  'cron',
  'journal',
  'schedules',
  'procNet',
  'conntrack',
  'socketInfo',
  'processes',
]

/**
 * The configuration of an agent that sees a feed and nothing else of this host.
 * @param more further lines
 */
export const configOfFed = (socketPath: string, logPath: string, more: readonly string[]): string =>
  [
    'collect:',
    '  linux:',
    `    audit: { socketPaths: [${socketPath}], logPath: ${logPath} }`,
    ...OTHER_SOURCES.map((source) => `    ${source}: { enabled: false }`),
    'correlate: { runQuiet: 200ms }',
    'store: { writeInterval: 1s }',
    ...more,
    '',
  ].join('\n')

export class AuditFeed {
  readonly beats: FedBeat[] = []
  readonly jobs: FedJob[] = []
  readonly #logPath: string
  readonly #socketPath: string
  readonly #readers = new Set<Socket>()
  readonly #server: Server
  readonly #told = new Map<FedJob, number>()
  #serial = 1

  constructor(socketPath: string, logPath: string) {
    this.#logPath = logPath
    this.#socketPath = socketPath
    this.#server = createServer((socket) => {
      this.#readers.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => this.#readers.delete(socket))
    }).listen(socketPath)
  }

  add(job: FedJob): void {
    this.jobs.push(job)
  }

  /** Tells all beats that are due by `nowMs`, in their order. */
  tick(nowMs: number): void {
    const due: { readonly job: FedJob; readonly atMs: number }[] = []
    for (const job of this.jobs) {
      let atMs = this.#told.get(job) ?? job.startMs
      for (; atMs <= Math.min(nowMs, job.endMs); atMs += job.periodMs) due.push({ job, atMs })
      this.#told.set(job, atMs)
    }
    if (due.length === 0) return
    const lines = due
      .toSorted((a, b) => a.atMs - b.atMs)
      .flatMap(({ job, atMs }) => this.#runOf(job, atMs))
    const text = `${lines.join('\n')}\n`
    appendFileSync(this.#logPath, text)
    for (const reader of this.#readers) reader.write(text)
  }

  /**
   * Tells so many events at once, to who listens alone. As auditd does, it drops those for which its
   * queue has no room: their numbers are missing.
   * @returns how many were dropped
   */
  pour(count: number, linesOf: (serial: number) => readonly string[]): number {
    const isFull = [...this.#readers].some(({ writableLength }) => writableLength > QUEUE_BYTES)
    const first = this.#serial
    this.#serial += count
    if (isFull) return count
    const lines = Array.from({ length: count }, (_, i) => linesOf(first + i)).flat()
    for (const reader of this.#readers) reader.write(`${lines.join('\n')}\n`)
    return 0
  }

  /** How many listen at its socket. */
  get readers(): number {
    return this.#readers.size
  }

  close(): void {
    for (const reader of this.#readers) reader.destroy()
    this.#server.close()
    rmSync(this.#socketPath, { force: true })
  }

  #runOf({ actor, destinationIp }: FedJob, atMs: number): string[] {
    const [exec, connect] = [this.#serial++, this.#serial++]
    const pid = 10_000 + (exec % 20_000)
    this.beats.push({ actor, atMs, serial: connect })
    const name = auditText(actor)
    const who = `ppid=1 pid=${pid} auid=0 uid=0 euid=0 comm="job" exe=${name} key=(null)`
    const address = destinationIp
      .split('.')
      .map((part) => Number(part).toString(16).padStart(2, '0'))
      .join('')
    return [
      `type=SYSCALL ${head(atMs, exec)} arch=c000003e syscall=59 success=yes exit=0 a0=3 ${who}`,
      `type=EXECVE ${head(atMs, exec)} argc=1 a0=${name}`,
      `type=CWD ${head(atMs, exec)} cwd="/"`,
      `type=EOE ${head(atMs, exec)} `,
      `type=SYSCALL ${head(atMs, connect)} arch=c000003e syscall=42 success=yes exit=0 a0=3 ${who}`,
      `type=SOCKADDR ${head(atMs, connect)} saddr=020001BB${address}0000000000000000`,
      `type=EOE ${head(atMs, connect)} `,
    ]
  }
}

/** As the kernel writes text: in quotes, or in hex where a byte could be taken for more than itself. */
function auditText(text: string | Buffer): string {
  const bytes = Buffer.from(text)
  const isPlain = bytes.every((byte) => byte > 0x20 && byte < 0x7f && byte !== 0x22)
  return isPlain ? `"${bytes.toString('latin1')}"` : bytes.toString('hex').toUpperCase()
}
