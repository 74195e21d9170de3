/**
 * What a running agent costs: memory, CPU, wake-ups and disk writes of its process, idle and while an
 * audit socket sends it events at a steady rate. The agent is bundled first, as it is installed: from source it needs 20 MB
 * more, for stripping types.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { stop } from '../support/net-hosts.ts'
import { until } from '../support/until.ts'
import { connectEvent, execEvent, generator, median } from './audit-parse.ts'
import { AGENT_FLAGS } from './hunt-run.ts'

const root = join(import.meta.dirname, '..', '..')
/** The agent reads what there is, then rests. */
const SETTLE_MS = 15_000
const MEASURE_MS = 30_000
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

/** @returns the cost at each of these rates, in audit events a second */
export async function benchLiveAgent(rates: readonly number[]): Promise<LiveCost[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tw-bench-'))
  try {
    const program = await bundle(folder)
    const costs: LiveCost[] = []
    for (const rate of rates) costs.push(await measure(folder, program, rate))
    return costs
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @returns the agent's program, below `folder` */
export async function bundle(folder: string): Promise<string> {
  const outfile = join(folder, 'agent', 'main.mjs')
  await build({
    entryPoints: [join(root, 'agent', 'main.ts')],
    ...{
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node26',
      logLevel: 'error',
    },
    ...{ outfile, external: ['better-sqlite3', 'koffi'] },
    banner: {
      js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);",
    },
  })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), readFileSync(join(root, 'package.json')))
  return outfile
}

async function measure(folder: string, program: string, rate: number): Promise<LiveCost> {
  const socketPath = join(folder, `audit-${rate}`)
  const config = join(folder, `${rate}.yml`)
  const dataDir = join(folder, `data-${rate}`)
  writeFileSync(
    config,
    `collect: { linux: { audit: { socketPaths: [${socketPath}], logPath: ${folder}/none } } }\n`,
  )
  const server = new AuditSender(socketPath, rate)
  const command = [process.execPath, ...AGENT_FLAGS, program, 'run']
  const [file = '', ...args] = [...APART, ...command, '--config', config, '--data-dir', dataDir]
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
    while (performance.now() - before.atMs < MEASURE_MS) {
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      rss.push(kibOf(agent, 'VmRSS') * 1024)
      anon.push(kibOf(agent, 'RssAnon') * 1024)
    }
    const seconds = (performance.now() - before.atMs) / 1_000
    const after = countersOf(agent)
    return {
      eventsPerSecond: Math.round((server.sent - before.sent) / seconds),
      cpuRatio: (after.cpuTicks - before.cpuTicks) / TICKS_PER_SECOND / seconds,
      rssBytes: median(rss),
      anonBytes: median(anon),
      wakeUps: (after.wakeUps - before.wakeUps) / seconds,
      writtenBytes: ((after.writtenBytes - before.writtenBytes) / seconds) * 60,
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
  for (const cost of await benchLiveAgent(process.argv.slice(2).map(Number))) {
    process.stdout.write(`${JSON.stringify(cost)}\n`)
  }
}
