/**
 * `agent simulate`: a harmless recurring transfer on this host, and what the agent made of it: was it
 * seen, does it recur, is it an alert, where did that go. Detection teams prove a rule this way.
 */
import { lookup } from 'node:dns/promises'
import { Command, InvalidArgumentError, Option } from 'commander'
import { endpointText } from '../../platform/address.ts'
import { parseDuration, parseSize } from '../config/quantity.ts'
import { askAgent } from '../control/client.ts'
import { MAX_LIMIT } from '../control/protocol.ts'
import type { FindingSummary } from '../control/status.ts'
import { controlPath } from '../paths.ts'
import { bytesText, clean, durationText } from '../report/text.ts'
import {
  type CommandContext,
  type DataOptions,
  dataDirOf,
  examples,
  paintOf,
  printLines,
  withDataOptions,
} from './context.ts'
import { whole } from './option-values.ts'
import { nextDelayMs, sendOnce, startReceiver } from './simulate-transfers.ts'

interface SimulateOptions extends DataOptions {
  readonly url?: URL
  readonly period: number
  readonly jitter: number
  readonly count: number
  readonly bytes: number
  readonly wait: number
}

const EXIT = { proven: 0, unproven: 1, failed: 2 } as const
/** Shorter would be one transfer (correlate.runQuiet). */
const MIN_PERIOD_MS = 3_000
const MAX_BYTES = 64 * 1024 ** 2
/** How often the agent is asked what it found. */
const ASK_MS = 2_000

export function simulateCommand(context: CommandContext): Command {
  return withDataOptions(new Command('simulate'), context)
    .description('a harmless recurring transfer, and whether the agent finds it')
    .option('--url <url>', 'where to send it (default: a receiver of its own on this host)', url)
    .addOption(
      new Option('--period <duration>', 'from one transfer to the next')
        .argParser(period)
        .default(10_000, '10s'),
    )
    .option('--jitter <percent>', 'up to so much sooner or later', percent, 0)
    .option('--count <n>', 'how many transfers', (text) => whole(text, 1, 10_000), 15)
    .addOption(
      new Option('--bytes <size>', 'what each one sends: zeros')
        .argParser(bytes)
        .default(4_096, '4KiB'),
    )
    .addOption(
      new Option('--wait <duration>', 'for the agent, after the last transfer')
        .argParser(duration)
        .default(60_000, '1m'),
    )
    .addHelpText(
      'after',
      [
        '\nExit codes: 0 the agent found it, 1 it did not, 2 nothing could be sent.',
        examples(
          'sudo agent simulate                                   15 transfers, one each 10 s',
          'agent simulate --period 1m --jitter 30 --count 40     a beacon that sleeps',
          'agent simulate --url https://sink.example/drop        to a receiver that you know',
        ),
      ].join('\n'),
    )
    .action((options: SimulateOptions) => simulate(context, options))
}

async function simulate(context: CommandContext, options: SimulateOptions): Promise<void> {
  const dataDir = await dataDirOf(context, options)
  const receiver = options.url === undefined ? await startReceiver() : undefined
  const target = options.url ?? new URL(receiver?.url ?? '')
  const signal = context.stopSignal()
  try {
    if (receiver?.isLoopback) {
      say(context, 'only loopback is there: the agent sees it with correlate.includeLoopback: true')
    }
    const sent = await send(context, target, options, signal)
    const received =
      receiver === undefined ? '' : `, ${bytesText(receiver.receivedBytes())} received`
    say(context, `sent ${sent} of ${options.count} transfers to ${target.host}${received}`)
    if (sent === 0) {
      context.setExitCode(EXIT.failed)
      return
    }
    const found = await waitFor(context, dataDir, await namesOf(target), options.wait, signal)
    context.setExitCode(await tell(context, dataDir, found))
  } finally {
    await receiver?.close()
  }
}

async function send(
  context: CommandContext,
  target: URL,
  { period, jitter, count, bytes }: SimulateOptions,
  signal: AbortSignal,
): Promise<number> {
  let sent = 0
  for (let i = 1; i <= count && !signal.aborted; i++) {
    const fault = await sendOnce(target, bytes)
    if (fault === undefined) sent++
    const delayMs = nextDelayMs(period, jitter / 100, Math.random())
    const next = i === count ? 'the last' : `next in ${durationText(delayMs)}`
    say(
      context,
      `${i}/${count}  ${fault === undefined ? `${bytesText(bytes)} sent` : clean(fault)}, ${next}`,
    )
    if (i < count) await context.clock.sleep(delayMs, signal)
  }
  return sent
}

type Found = { readonly isRunning: boolean; readonly finding?: FindingSummary }

/** Asks the agent until it has found it, or until it has had its time. */
async function waitFor(
  { clock }: CommandContext,
  dataDir: string,
  names: ReadonlySet<string>,
  waitMs: number,
  signal: AbortSignal,
): Promise<Found> {
  const path = controlPath(dataDir)
  for (const endMs = clock.now() + waitMs; ; ) {
    const all = await askAgent(path, { request: 'findings', limit: MAX_LIMIT })
    if (all === undefined) return { isRunning: false }
    const finding = all.find(({ destination }) => names.has(destination))
    if (finding !== undefined) return { isRunning: true, finding }
    if (clock.now() >= endMs || signal.aborted) return { isRunning: true }
    await clock.sleep(ASK_MS, signal)
  }
}

/** As the agent may know the destination: by its name, or by any of its addresses. */
async function namesOf(target: URL): Promise<ReadonlySet<string>> {
  const port = Number(target.port) || (target.protocol === 'https:' ? 443 : 80)
  const host = target.hostname.replace(/^\[|\]$/g, '')
  const addresses = await lookup(host, { all: true }).catch(() => [])
  return new Set(
    [host, ...addresses.map(({ address }) => address)].map((one) => endpointText(one, port)),
  )
}

async function tell(context: CommandContext, dataDir: string, found: Found): Promise<number> {
  const paint = paintOf(context)
  if (!found.isRunning) {
    say(
      context,
      `no agent runs on ${clean(dataDir)}: nothing more can be proven; start it, then again`,
    )
    return EXIT.unproven
  }
  if (found.finding === undefined) {
    say(context, `${paint('red', 'not found')} by the agent yet: agent doctor says what it misses`)
    return EXIT.unproven
  }
  const { form, score, risk, disposition, seriesKey, beats, actor } = found.finding
  say(
    context,
    `${paint('green', 'found')}: ${form}, ${beats} beats of ${clean(actor)}, score ${score.toFixed(2)}`,
  )
  say(context, `risk ${Math.round(risk)}, ${disposition}: agent explain ${seriesKey.slice(0, 8)}`)
  const alerts = await askAgent(controlPath(dataDir), { request: 'alerts', limit: MAX_LIMIT })
  const alert = alerts?.find((one) => one.seriesKey === seriesKey)
  const state =
    alert === undefined
      ? 'none (its risk is below alert.minRisk, or it is known or allowed)'
      : alert.rejected !== undefined
        ? `${alert.id}, refused: ${clean(alert.rejected)}`
        : alert.revision > 0 && alert.sentRevision >= alert.revision
          ? `${alert.id}, taken by the endpoint`
          : `${alert.id}, on this host`
  say(context, `alert: ${state}`)
  return EXIT.proven
}

/** What comes from outside is cleaned where it is put in. */
const say = (context: CommandContext, text: string): void => printLines(context, [text])

function url(text: string): URL {
  const parsed = URL.parse(text)
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return parsed
  throw new InvalidArgumentError('It must be a URL such as https://sink.example/drop.')
}

function duration(text: string): number {
  const ms = parseDuration(text)
  if (ms !== undefined) return ms
  throw new InvalidArgumentError('It must be a duration such as 10s or 1m30s.')
}

function period(text: string): number {
  const ms = duration(text)
  if (ms >= MIN_PERIOD_MS) return ms
  throw new InvalidArgumentError('It must be 3s at least: what is closer is one transfer.')
}

function bytes(text: string): number {
  const size = parseSize(text)
  if (size !== undefined && size <= MAX_BYTES) return size
  throw new InvalidArgumentError('It must be a size such as 4KiB, up to 64MiB.')
}

const percent = (text: string): number => whole(text, 0, 90)
