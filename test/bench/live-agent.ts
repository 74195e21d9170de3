/**
 * What a running agent costs: memory, CPU, wake-ups and disk writes of its process, idle and while an
 * audit socket sends it events at a steady rate. It is the executable that is installed. All rates run at
 * once, each an agent of its own:
 *
 *   npm run --silent node -- test/bench/live-agent.ts 3600 0 100 1000      for an hour
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildExecutable, productVersion } from '../../packaging/executable.ts'
import { TARGETS, targetOf } from '../../packaging/targets.ts'
import { stop } from '../support/net-hosts.ts'
import { until } from '../support/until.ts'
import { connectEvent, execEvent, generator, median } from './audit-parse.ts'

/** The agent reads what there is, then rests, and has once given back what only starting needed. */
const SETTLE_MS = 75_000
export const MEASURE_SECONDS = 60
const TICKS_PER_SECOND = 100

/** In a network namespace of its own, where we may: what else this machine does is no part of idle. */
const APART = process.getuid?.() === 0 ? ['unshare', '--net'] : []

export interface LiveCost {
  readonly eventsPerSecond: number
  /** Of one core. */
  readonly cpuRatio: number
  readonly rssBytes: number
  readonly anonBytes: number
  /** Of all its threads, a second: how often one slept and was woken. */
  readonly wakeUps: number
  /** To the disk, a minute. */
  readonly writtenBytes: number
  /** Records that a queue as long as auditd's had no room for. */
  readonly droppedRecords: number
}

/** @returns the cost at each of these rates, in audit events a second, over so many seconds */
export async function benchLiveAgent(
  rates: readonly number[],
  seconds: number = MEASURE_SECONDS,
): Promise<LiveCost[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tw-bench-'))
  try {
    const program = await buildAgent(folder)
    return await Promise.all(rates.map((rate) => measure(folder, program, { rate, seconds })))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @returns the executable, below `folder` */
export async function buildAgent(folder: string): Promise<string> {
  const name = TARGETS.find((target) => target === `${process.platform}-${process.arch}`)
  if (name === undefined) throw new Error('no executable is built for this system')
  const places = { folder: join(folder, 'agent'), work: join(folder, 'work') }
  const built = await buildExecutable(targetOf(name), { ...places, version: productVersion() })
  return join(built.folder, built.target.executable)
}

async function measure(
  folder: string,
  program: string,
  { rate, seconds }: { readonly rate: number; readonly seconds: number },
): Promise<LiveCost> {
  const socketPath = join(folder, `audit-${rate}`)
  const config = join(folder, `${rate}.yml`)
  const dataDir = join(folder, `data-${rate}`)
  writeFileSync(
    config,
    `collect: { linux: { audit: { socketPaths: [${socketPath}], logPath: ${folder}/none } } }\n`,
  )
  const server = new AuditSender(socketPath, rate)
  const command = [...APART, program, 'run', '--config', config, '--data-dir', dataDir]
  const [file = '', ...args] = command
  const agent = spawn(file, args, { stdio: 'ignore' })
  try {
    await until('the agent reads the socket', () => server.isRead)
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    const before = {
      ...countersOf(agent),
      sent: server.sent,
      atMs: performance.now(),
    }
    const rss: number[] = []
    const anon: number[] = []
    while (performance.now() - before.atMs < seconds * 1_000) {
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      rss.push(kibOf(agent, 'VmRSS') * 1024)
      anon.push(kibOf(agent, 'RssAnon') * 1024)
    }
    const tookSeconds = (performance.now() - before.atMs) / 1_000
    const after = countersOf(agent)
    return {
      eventsPerSecond: Math.round((server.sent - before.sent) / tookSeconds),
      cpuRatio: (after.cpuTicks - before.cpuTicks) / TICKS_PER_SECOND / tookSeconds,
      rssBytes: median(rss),
      anonBytes: median(anon),
      wakeUps: (after.wakeUps - before.wakeUps) / tookSeconds,
      writtenBytes: ((after.writtenBytes - before.writtenBytes) / tookSeconds) * 60,
      droppedRecords: server.dropped,
    }
  } finally {
    await stop(agent)
    server.close()
  }
}

/** auditd's `q_depth` as Debian has it, and how often it is worked off. */
const QUEUE_RECORDS = 2_000
const SEND_MS = 20
/** Events, some 1,000 records. */
const MAX_BURST = 180

/**
 * Stands where auditd's af_unix plugin does: sends records of made-up events at a steady rate, and
 * drops what its queue has no room for while the agent does not read.
 */
export class AuditSender {
  sent = 0
  sentRecords = 0
  dropped = 0
  isRead = false
  readonly #server: Server
  #timer: NodeJS.Timeout | undefined

  constructor(path: string, rate: number) {
    const random = generator(7)
    let serial = 1
    let queued = 0
    this.#server = createServer((socket: Socket) => {
      this.isRead = true
      socket.on('error', () => {})
      const startMs = performance.now()
      let due = 0
      this.#timer = setInterval(() => {
        const until = ((performance.now() - startMs) * rate) / 1_000
        // What this sender is late with is not sent at once: auditd does not either.
        due = Math.max(due, until - MAX_BURST)
        for (; due < until; due++) {
          const make = random() < 0.1 ? connectEvent : execEvent
          const event = make(serial, random, Date.now())
          serial += 1
          this.sent += 1
          this.sentRecords += event.length
          if (queued + event.length > QUEUE_RECORDS) {
            this.dropped += event.length
            continue
          }
          queued += event.length
          socket.write(`${event.join('\n')}\n`, () => {
            queued -= event.length
          })
        }
      }, SEND_MS)
    }).listen(path)
  }

  pause(): void {
    clearInterval(this.#timer)
  }

  close(): void {
    this.pause()
    this.#server.close()
  }
}

interface Counters {
  readonly cpuTicks: number
  readonly wakeUps: number
  readonly writtenBytes: number
}

function countersOf(agent: ChildProcess): Counters {
  const tasks = `/proc/${agent.pid}/task`
  const wakeUps = readdirSync(tasks).map((task) =>
    numberIn(`${tasks}/${task}/status`, 'voluntary_ctxt_switches'),
  )
  return {
    cpuTicks: cpuTicks(agent),
    wakeUps: wakeUps.reduce((sum, count) => sum + count, 0),
    writtenBytes: numberIn(`/proc/${agent.pid}/io`, 'write_bytes'),
  }
}

const numberIn = (path: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(path, 'utf8'))?.[1])

/** User and system time of a process, in clock ticks. */
function cpuTicks({ pid }: ChildProcess): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}

const kibOf = ({ pid }: ChildProcess, name: string): number => numberIn(`/proc/${pid}/status`, name)

if (import.meta.main) {
  const [seconds = MEASURE_SECONDS, ...rates] = process.argv.slice(2).map(Number)
  for (const cost of await benchLiveAgent(rates, seconds)) {
    process.stdout.write(`${JSON.stringify(cost)}\n`)
  }
}
