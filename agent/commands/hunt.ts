/**
 * `agent hunt`: finds what recurs in recorded traffic. Findings go to standard output, all else
 * (progress, what could not be read) to standard error.
 */
import { readdirSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { loadConfig } from '../config/load.ts'
import { type Network, parseNetwork } from '../hunt/direction.ts'
import { huntLine } from '../hunt/document.ts'
import { type FileReport, type HuntProgress, type HuntResult, hunt } from '../hunt/hunt.ts'
import { huntJudge } from '../hunt/judge.ts'
import { defaultPaths } from '../paths.ts'
import { huntTable } from '../report/hunt-table.ts'
import { progressBar } from '../report/progress.ts'
import { clean, countText, painted, plain, timeText } from '../report/text.ts'

/** Where output is no terminal that tells its width. */
const DEFAULT_WIDTH = 100
/** A beat each minute for more than a day; a longer series is told by its newest part. */
const DEFAULT_OBSERVATIONS = 2_000
/** Fewer can't tell a rhythm. */
const MIN_OBSERVATIONS = 10
/** Some 32 MB a series. */
const MAX_OBSERVATIONS = 1_000_000

const EXIT = { nothing: 0, found: 1, failed: 2 } as const

interface Options {
  readonly format?: 'zeek'
  readonly all?: true
  readonly json?: true
  readonly local: readonly Network[]
  readonly timeZone: string
  readonly observations: number
  readonly config?: string
}

export const huntCommand = (): Command =>
  new Command('hunt')
    .summary('find recurring transfers in recorded traffic')
    .description(
      'Find recurring transfers in recorded traffic: Zeek conn.log and dns.log, text or JSON; Windows ' +
        'event logs (Sysmon, Security, Task Scheduler), EVTX or JSON lines; plain, gzip or zstd. All ' +
        'files are one recording; of a folder, every file is read.',
    )
    .argument('<file...>', 'recorded files, or folders of them')
    .addOption(
      new Option('--format <name>', 'what the files are (default: told by their content)').choices([
        'zeek',
      ]),
    )
    .option('--all', 'list every series, also what does not recur or is left out')
    .option('--json', 'one ECS document a line, for other programs')
    .option('--local <network>', 'CIDR that is ours; may be given again', network, [])
    .option('--time-zone <name>', 'IANA name that daily rhythms are told in', zone, ownZone())
    .option(
      '--observations <n>',
      'newest transfers judged of a series',
      bound,
      DEFAULT_OBSERVATIONS,
    )
    .option('--config <file>', "the agent's configuration: allowlists and bounds count here, too")
    .addHelpText('after', HELP)
    .action(runHunt)

const HELP = `
Exit code: 0 nothing recurs, 1 something was found, 2 nothing was found and a file could not be read.

Examples:
  agent hunt conn.log dns.log
  agent hunt --local 203.0.113.0/24 /var/log/zeek/2026-11-23
  agent hunt --json conn.*.log.gz | jq -r 'select(.event.risk_score > 50) | .destination.ip'`

async function runHunt(paths: readonly string[], options: Options): Promise<void> {
  const { config } = await loadConfig(configFile(options.config))
  const files = paths.flatMap(filesOf)
  const bar = progressBar({
    write: (text) => process.stderr.write(text),
    isTerminal: process.stderr.isTTY === true,
    width: process.stderr.columns ?? DEFAULT_WIDTH,
    now: () => performance.now(),
  })
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const result = await hunt({
    files: files.map(({ path }) => path),
    networks: options.local,
    maxObservations: options.observations,
    isAll: options.all === true,
    judge: huntJudge({
      timeZone: options.timeZone,
      risk: { ...config.detect, minRisk: config.alert.minRisk },
      detect: {
        minObservations: config.detect.minObservations,
        threshold: config.detect.minScore,
      },
    }),
    progress: (state) => bar.update(progressOf(state, totalBytes)),
  })
  bar.end()
  const isNamed = new Set(paths)
  const problems = result.files.filter(
    ({ path, error }) => error === undefined || isNamed.has(path),
  )
  process.stderr.write(lines(problems.flatMap(problemLines)))
  process.stdout.write(lines(options.json ? result.findings.map(huntLine) : tableOf(result)))
  if (!options.json) process.stderr.write(lines(summaryOf(result)))
  process.exitCode = exitCodeOf(result, problems)
}

function exitCodeOf({ findings }: HuntResult, files: readonly FileReport[]): number {
  if (findings.some(({ leftOut }) => leftOut === undefined)) return EXIT.found
  return files.some(({ error }) => error !== undefined) ? EXIT.failed : EXIT.nothing
}

const tableOf = ({ findings }: HuntResult): readonly string[] =>
  huntTable(findings, {
    width: process.stdout.columns ?? DEFAULT_WIDTH,
    paint: process.stdout.hasColors?.() === true ? painted : plain,
  })

function progressOf(state: HuntProgress, totalBytes: number) {
  if (state.phase === 'judging') {
    const { series: done, total } = state
    return { label: 'Judging', done, total, detail: `${countText(done)} series` }
  }
  const { bytes: done, rows } = state
  return { label: 'Reading', done, total: totalBytes, detail: `${countText(rows)} rows` }
}

function summaryOf({ findings, files, series, probes, dropped, span }: HuntResult): string[] {
  const found = findings.filter(({ leftOut }) => leftOut === undefined).length
  const rows = files.reduce((sum, { counts }) => sum + counts.rows, 0)
  const spanText = span && `, ${timeText(span.firstMs)} to ${timeText(span.lastMs)}`
  return [
    `${countText(found)} found in ${countText(series)} series of ${countText(rows)} rows${spanText ?? ''}`,
    ...(probes > 0 ? [`${countText(probes)} connections sent nothing and are no transfers`] : []),
    ...(dropped > 0 ? [`${countText(dropped)} records found no room: hunt in fewer files`] : []),
  ]
}

/** What was wrong with a file, a line each: which, where, what. */
function problemLines({ path, counts, faults, error }: FileReport): string[] {
  const more = counts.malformed - faults.length
  return [
    ...(error === undefined
      ? []
      : [error.remedy === undefined ? error.message : `${error.message}; ${error.remedy}`]),
    ...faults.map(({ line, reason }) => `${path}:${line}: ${reason}; the row is left out`),
    ...(more > 0 ? [`${path}: ${countText(more)} more rows could not be read`] : []),
  ].map(clean)
}

const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join('')

/** A path as given, or every file in it. What can't be looked at is told when it is read. */
function filesOf(path: string): { path: string; bytes: number }[] {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined || !found.isDirectory()) return [{ path, bytes: found?.size ?? 0 }]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => ({ path: file, bytes: statSync(file).size }))
}

/** A named one must be there; the agent's own may be. */
function configFile(named: string | undefined): { path: string; isNamed: boolean } {
  if (named !== undefined) return { path: named, isNamed: true }
  const { platform, env } = process
  const { configFile } = defaultPaths({ platform, uid: process.getuid?.(), home: homedir(), env })
  return { path: configFile, isNamed: false }
}

function network(text: string, before: readonly Network[]): readonly Network[] {
  const parsed = parseNetwork(text)
  if (parsed === undefined) throw new InvalidArgumentError('It is no network, such as 10.0.0.0/8.')
  return [...before, parsed]
}

function zone(name: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
  } catch {
    throw new InvalidArgumentError('It is no IANA time zone, such as Europe/Berlin.')
  }
}

const ownZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone

function bound(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= MIN_OBSERVATIONS && count <= MAX_OBSERVATIONS)
    return count
  throw new InvalidArgumentError(`It must be ${MIN_OBSERVATIONS} to ${MAX_OBSERVATIONS}.`)
}
