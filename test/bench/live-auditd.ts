/**
 * Is any record lost at a high rate? Twice: real connections through kernel, auditd (its queue as
 * Debian has it) and its af_unix plugin to a running agent; and made-up records straight to the agent's
 * socket, where no auditd is slower than we are. Of each event it is counted where it was last seen.
 *
 * As root, and the only one on this machine that uses the audit system.
 */
import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { AgentStatus } from '../../agent/control/status.ts'
import type { CollectorCounters } from '../../platform/collector.ts'
import { AUDIT_DATASET } from '../../platform/linux/audit-event.ts'
import { startAuditd } from '../support/auditd.ts'
import { stop } from '../support/net-hosts.ts'
import { until } from '../support/until.ts'
import { AuditSender, buildAgent } from './live-agent.ts'

const RECORDS_A_SECOND = 20_000
const AUDITD_SECONDS = 20
const SOCKET_SECONDS = 60
/** SYSCALL, SOCKADDR and PROCTITLE; the end of the event is told to nobody by auditd 3.0. */
const RECORDS_A_CALL = 3
/** As Debian's own rules set it. */
const BACKLOG = 8_192
/** Of a made-up event, one in ten a connection of three records, the others programs of six. */
const RECORDS_AN_EVENT = 5.7
const SETTLE_MS = 5_000

export interface LossCount {
  readonly recordsPerSecond: number
  /** Events made; that auditd wrote to its log, where there is one; that were whole at the agent. */
  readonly made: number
  readonly logged?: number
  readonly whole: number
  /** Records that the kernel had no room for (`auditctl -s`). */
  readonly kernelLost?: number
  /** Serials that never came, and records without the rest of their event, as the agent tells. */
  readonly missed: number
  readonly broken: number
  /** Events that the agent left out to stay within its share of the CPU. */
  readonly shed: number
}

/** @param recordsPerSecond asked for; `undefined` as fast as one program can connect */
export async function benchAuditd(recordsPerSecond?: number): Promise<LossCount> {
  return inFolder(async (folder, program) => {
    const rules = [`-b ${BACKLOG}`, '-a always,exit -F arch=b64 -S connect -F a2=16 -k bench', '']
    const auditd = await startAuditd(join(folder, 'audit'), rules.join('\n'))
    try {
      return await withAgent(folder, program, auditd, async (statusOf) => {
        const before = kernelLost()
        const rate = (recordsPerSecond ?? 0) / RECORDS_A_CALL
        const { stdout } = await promisify(execFile)('perl', [
          '-e',
          CALLS,
          `${rate}`,
          `${AUDITD_SECONDS}`,
        ])
        const made = Number(stdout)
        const { counters, shed } = await settled(statusOf)
        return {
          recordsPerSecond: Math.round((made * RECORDS_A_CALL) / AUDITD_SECONDS),
          made,
          logged: loggedCalls(join(folder, 'audit')),
          whole: counters.emitted / RECORDS_A_CALL,
          kernelLost: kernelLost() - before,
          missed: counters.missed,
          broken: counters.lost + counters.malformed,
          shed,
        }
      })
    } finally {
      await auditd.close()
    }
  })
}

/** Records straight to the agent's socket. */
export async function benchSocket(): Promise<LossCount> {
  return inFolder(async (folder, program) => {
    const paths = { socketPath: join(folder, 'socket'), logPath: join(folder, 'none') }
    const sender = new AuditSender(paths.socketPath, RECORDS_A_SECOND / RECORDS_AN_EVENT)
    try {
      return await withAgent(folder, program, paths, async (statusOf) => {
        await new Promise((resolve) => setTimeout(resolve, SOCKET_SECONDS * 1_000))
        sender.pause()
        const { counters, shed } = await settled(statusOf)
        return {
          recordsPerSecond: Math.round(sender.sentRecords / SOCKET_SECONDS),
          made: sender.sent,
          whole: sender.sent - counters.missed,
          missed: counters.missed,
          broken: counters.lost + counters.malformed,
          shed,
        }
      })
    } finally {
      sender.close()
    }
  })
}

/** Connects a datagram socket to this host itself, so many times a second: nothing is sent. */
const CALLS = `
use Socket; use Time::HiRes qw(time sleep);
my ($rate, $seconds) = @ARGV;
socket(my $socket, PF_INET, SOCK_DGRAM, 0) or die $!;
my $to = sockaddr_in(9, inet_aton("127.0.0.1"));
my ($start, $made) = (time, 0);
while ((my $now = time - $start) < $seconds) {
  my $until = $rate > 0 ? int($now * $rate) : $made + 100;
  for (; $made < $until; $made++) { connect($socket, $to) or die $! }
  sleep 0.005 if $rate > 0;
}
print $made;`

const kernelLost = (): number =>
  Number(/^lost (\d+)$/m.exec(execFileSync('auditctl', ['-s'], { encoding: 'utf8' }))?.[1])

function loggedCalls(folder: string): number {
  let calls = 0
  for (const name of readdirSync(folder).filter((name) => name.startsWith('audit.log'))) {
    const text = readFileSync(join(folder, name), 'latin1')
    calls += text.match(/^type=SYSCALL .* key="bench"/gm)?.length ?? 0
  }
  return calls
}

async function inFolder<T>(work: (folder: string, program: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tw-bench-'))
  try {
    return await work(folder, await buildAgent(folder))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** `undefined` while the agent does not answer. */
type StatusOf = () => AgentStatus | undefined

const auditOf = (status: AgentStatus | undefined) =>
  status?.collectors.find(({ dataset }) => dataset === AUDIT_DATASET)

/** When nothing more comes: auditd works its queue off behind the last call. */
async function settled(
  statusOf: StatusOf,
): Promise<{ readonly counters: CollectorCounters; readonly shed: number }> {
  let received = -1
  let status: AgentStatus | undefined
  await until(
    'the agent has read all',
    async () => {
      const before = received
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
      status = statusOf()
      received = auditOf(status)?.counters.received ?? -1
      return received >= 0 && received === before
    },
    120_000,
  )
  const counters = auditOf(status)?.counters
  if (counters === undefined) throw new Error('the agent does not tell of its audit source')
  return { counters, shed: status?.shed?.events ?? 0 }
}

async function withAgent<T>(
  folder: string,
  program: string,
  { socketPath, logPath }: { readonly socketPath: string; readonly logPath: string },
  work: (statusOf: StatusOf) => Promise<T>,
): Promise<T> {
  const [config, dataDir] = [join(folder, 'agent.yml'), join(folder, 'data')]
  const audit = `{ socketPaths: [${socketPath}], logPath: ${logPath} }`
  writeFileSync(
    config,
    `collect: { linux: { audit: ${audit} } }\ncorrelate: { includeLoopback: true }\n`,
  )
  const args = ['run', '--config', config, '--data-dir', dataDir]
  const agent = spawn(program, args, { stdio: 'ignore' })
  const statusOf = (): AgentStatus | undefined => {
    const args = ['status', '--json', '--data-dir', dataDir]
    const { stdout } = spawnSync(program, args, { encoding: 'utf8' })
    const status = JSON.parse(stdout) as AgentStatus
    return status.isRunning ? status : undefined
  }
  try {
    await until('the agent hears auditd', () => auditOf(statusOf())?.state === 'running', 60_000)
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    return await work(statusOf)
  } finally {
    await stop(agent)
  }
}

if (import.meta.main) {
  for (const bench of [() => benchAuditd(RECORDS_A_SECOND), () => benchAuditd(), benchSocket]) {
    process.stdout.write(`${JSON.stringify(await bench())}\n`)
  }
}
