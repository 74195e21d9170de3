/**
 * `agent hunt`: finds what recurs in recorded traffic. Findings go to standard output, all else
 * (progress, what could not be read) to standard error.
 */
import { homedir } from 'node:os'
import { Command, InvalidArgumentError, Option } from 'commander'
import { type Network, parseNetwork } from '../hunt/direction.ts'
import { huntLine } from '../hunt/document.ts'
import { type FileReport, type HuntProgress, type HuntResult, hunt } from '../hunt/hunt.ts'
import { huntJudge } from '../hunt/judge.ts'
import { RECORDED_FORMATS } from '../hunt/recorded-format.ts'
import { huntAlert } from '../hunt-alert.ts'
import { jobTimes } from '../job-times.ts'
import { defaultPaths } from '../paths.ts'
import { huntTable } from '../report/hunt-table.ts'
import { progressBar } from '../report/progress.ts'
import { bytesText, clean, countText, painted, plain, timeText } from '../report/text.ts'
import { loadConfig } from './context.ts'
import { huntFiles } from './hunt-files.ts'
import { huntReport } from './hunt-report.ts'
import { ownZone, zone } from './option-values.ts'
import { writeReport } from './report-file.ts'

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
  readonly format?: string
  readonly all?: true
  readonly json?: true
  readonly ecs?: true
  readonly html?: string
  readonly local: readonly Network[]
  readonly timeZone?: string
  readonly observations: number
  readonly config?: string
}

export const huntCommand = (): Command =>
  new Command('hunt')
    .summary('find recurring transfers in recorded traffic')
    .description(
      'Find recurring transfers in recordings of hosts and networks. What a file is, is told by its ' +
        'content; plain, gzip or zstd. All files are one recording, put in the order of their time; ' +
        'of a folder, every file is read. A folder copied from a Linux host (etc/, var/spool/cron/) ' +
        'tells its jobs as well.',
    )
    .argument('<file...>', 'recorded files, or folders of them')
    .addOption(
      new Option('--format <name>', 'what the files are (default: told by their content)').choices(
        RECORDED_FORMATS.map(({ name }) => name),
      ),
    )
    .option('--all', 'list every series, also what does not recur or is left out')
    .option('--json', 'one document a finding and line, for other programs')
    .option('--ecs', 'the alerts that a live agent would have sent: one ECS document a line')
    .option('--html <file>', 'also write a report, one HTML file that needs nothing else')
    .addOption(
      new Option('--local <network>', 'CIDR that is ours; may be given again')
        .argParser(network)
        .default([], 'told by the recording'),
    )
    .option(
      '--time-zone <name>',
      "IANA name of the zone that daily rhythms, and stamps without a zone, are in (default: this host's)",
      zone,
    )
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

Recordings:
${RECORDED_FORMATS.map(({ name, description }) => `  ${name.padEnd(15)}${description}`).join('\n')}

Examples:
  agent hunt conn.log dns.log
  agent hunt evidence/web1 evidence/web2.evtx
  agent hunt /var/log/audit --html report.html
  agent hunt --local 203.0.113.0/24 /var/log/zeek/2026-11-23
  agent hunt --json conn.*.log.gz | jq -r 'select(.event.risk_score > 50) | .destination.ip'
  journalctl -o json | agent hunt /dev/stdin`

async function runHunt(paths: readonly string[], options: Options): Promise<void> {
  const { config } = await loadConfig(configFile(options.config))
  const timeZone = options.timeZone ?? ownZone()
  const { files, schedules, malformed } = await huntFiles(paths)
  const bar = progressBar({
    write: (text) => process.stderr.write(text),
    isTerminal: process.stderr.isTTY === true,
    width: process.stderr.columns ?? DEFAULT_WIDTH,
    now: () => performance.now(),
  })
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const result = await hunt({
    files: files.map(({ path }) => path),
    format: RECORDED_FORMATS.find(({ name }) => name === options.format),
    schedules,
    networks: options.local,
    timeZone,
    maxObservations: options.observations,
    isAll: options.all === true,
    judge: huntJudge({
      timeZone,
      timesOf: jobTimes(timeZone),
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
  process.stderr.write(lines([...malformed.map(clean), ...problems.flatMap(problemLines)]))
  if (options.html !== undefined) {
    writeReport(options.html, await huntReport(result, { paths, timeZone }))
  }
  process.stdout.write(lines(outputOf(result, options)))
  if (!options.json && !options.ecs) process.stderr.write(lines(summaryOf(result)))
  process.exitCode = exitCodeOf(result, problems)
}

function exitCodeOf({ findings }: HuntResult, files: readonly FileReport[]): number {
  if (findings.some(({ leftOut }) => leftOut === undefined)) return EXIT.found
  return files.some(({ error }) => error !== undefined) ? EXIT.failed : EXIT.nothing
}

function outputOf(result: HuntResult, { json, ecs }: Options): readonly string[] {
  if (ecs) return result.findings.flatMap((finding) => huntAlert(finding) ?? [])
  return json ? result.findings.map(huntLine) : tableOf(result)
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
  const rateText = (perSecond: number): string => `${bytesText(perSecond)}/s`
  return { label: 'Reading', done, total: totalBytes, detail: `${countText(rows)} rows`, rateText }
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
  const { missing = 0, malformed } = counts
  const more = malformed - faults.length
  return [
    ...(error === undefined
      ? []
      : [error.remedy === undefined ? error.message : `${error.message}; ${error.remedy}`]),
    ...faults.map(({ line, reason }) => `${path}:${line}: ${reason}; the row is left out`),
    ...(more > 0 ? [`${path}: ${countText(more)} more rows could not be read`] : []),
    ...(missing > 0
      ? [`${path}: ${countText(missing)} records are missing, by their numbering`]
      : []),
  ].map(clean)
}

const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join('')

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

function bound(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= MIN_OBSERVATIONS && count <= MAX_OBSERVATIONS)
    return count
  throw new InvalidArgumentError(`It must be ${MIN_OBSERVATIONS} to ${MAX_OBSERVATIONS}.`)
}
