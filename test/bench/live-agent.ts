/**
 * What a running agent costs: memory and CPU of its process, idle and while an audit socket sends it
 * events at a steady rate. The agent is bundled first, as it is installed: from source it needs 20 MB
 * more, for stripping types.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { stop } from '../support/net-hosts.ts'
import { until } from '../support/until.ts'
import { connectEvent, execEvent, generator, median } from './audit-parse.ts'

const root = join(import.meta.dirname, '..', '..')
/** As `npm start`. */
const FLAGS = [
  '--optimize-for-size',
  '--max-old-space-size=96',
  '--max-semi-space-size=1',
  '--v8-pool-size=1',
  '--disable-sigusr1',
]
/** The agent reads what there is, then rests. */
const SETTLE_MS = 15_000
const MEASURE_MS = 30_000
const TICKS_PER_SECOND = 100

export interface LiveCost {
  readonly eventsPerSecond: number
  /** Of one core. */
  readonly cpuRatio: number
  readonly rssBytes: number
  readonly anonBytes: number
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

async function bundle(folder: string): Promise<string> {
  const outfile = join(folder, 'agent', 'main.mjs')
  await build({
    entryPoints: [join(root, 'agent', 'main.ts')],
    ...{ bundle: true, platform: 'node', format: 'esm', target: 'node26', logLevel: 'error' },
    ...{ outfile, external: ['better-sqlite3'] },
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
  const agent = spawn(
    process.execPath,
    [...FLAGS, program, 'run', '--config', config, '--data-dir', dataDir],
    { stdio: 'ignore' },
  )
  try {
    await until('the agent reads the socket', () => server.isRead)
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    const before = { cpu: cpuTicks(agent), sent: server.sent, atMs: performance.now() }
    const rss: number[] = []
    const anon: number[] = []
    while (performance.now() - before.atMs < MEASURE_MS) {
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      rss.push(kibOf(agent, 'VmRSS') * 1024)
      anon.push(kibOf(agent, 'RssAnon') * 1024)
    }
    const seconds = (performance.now() - before.atMs) / 1_000
    return {
      eventsPerSecond: Math.round((server.sent - before.sent) / seconds),
      cpuRatio: (cpuTicks(agent) - before.cpu) / TICKS_PER_SECOND / seconds,
      rssBytes: median(rss),
      anonBytes: median(anon),
    }
  } finally {
    await stop(agent)
    server.close()
  }
}

/** Stands where auditd's af_unix plugin does: sends records of made-up events at a steady rate. */
class AuditSender {
  sent = 0
  isRead = false
  readonly #server: Server
  #timer: NodeJS.Timeout | undefined

  constructor(path: string, rate: number) {
    const random = generator(7)
    let serial = Date.now() - 1_790_000_000_000
    this.#server = createServer((socket: Socket) => {
      this.isRead = true
      socket.on('error', () => {})
      this.#timer = setInterval(() => {
        // The made-up events carry the time of their serial, one a millisecond: as long as the rate
        // is 1,000, event time and wall clock go together.
        for (let i = 0; i < rate / 10; i++) {
          const event = random() < 0.1 ? connectEvent(serial, random) : execEvent(serial, random)
          socket.write(`${event.join('\n')}\n`)
          serial += 1
          this.sent += 1
        }
      }, 100)
    }).listen(path)
  }

  close(): void {
    clearInterval(this.#timer)
    this.#server.close()
  }
}

/** User and system time of a process, in clock ticks. */
function cpuTicks({ pid }: ChildProcess): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}

const kibOf = ({ pid }: ChildProcess, name: string): number =>
  Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
