/**
 * `npm run bench`: what the agent costs and how fast it is, as a table and as results.json; some ten
 * minutes on a quiet machine. A name given picks the parts to run: `npm run bench -- store live`. The
 * other parts stay in results.json as they were measured before.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, release, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { benchAudit, median, writeLog } from './audit-parse.ts'
import { auditThrough, type ThroughFigures } from './audit-through.ts'
import { benchEvtx } from './evtx-read.ts'
import { assessSteps, exponentOf, type Step, storeSteps, throughSteps } from './growth.ts'
import { benchAuditHunt } from './hunt-audit.ts'
import { benchHunt } from './hunt-zeek.ts'
import { benchLiveAgent, type LiveCost, MEASURE_SECONDS } from './live-agent.ts'
import { benchAuditd, benchSocket, type LossCount } from './live-auditd.ts'
import { benchStore } from './store-insert.ts'
import { benchSweep, SWEPT_SERIES } from './sweep.ts'

const THROUGH_RECORDS = 1_200_000
const RUNS = 3
/** The last is 1 GB of audit.log. */
const AUDIT_HUNT_RECORDS = [47_500, 475_000, 4_750_000]
/** Events a second: idle, typical, busy, and 20,000 records a second. */
const LIVE_RATES = [0, 100, 1_000, 3_600]

interface Row {
  readonly what: string
  readonly figure: string
  /** Beside it in the same run, or the aim. */
  readonly beside?: string
}

const say = (text: string): void => void process.stderr.write(`${text}\n`)
const thousands = (count: number): string => Math.round(count).toLocaleString('en-US')
const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`

/** Medians, of a log of which this share are connections. */
async function through(connections: number): Promise<ThroughFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'tidewatch-bench-'))
  try {
    const log = join(folder, 'audit.log')
    await writeLog(log, THROUGH_RECORDS, connections)
    const runs: ThroughFigures[] = []
    for (let run = 0; run < RUNS; run++) {
      runs.push(await auditThrough(log, join(folder, `data-${run}`)))
    }
    const [one, ...others] = runs as [ThroughFigures, ...ThroughFigures[]]
    const middle = (of: (run: ThroughFigures) => number) => median([one, ...others].map(of))
    return {
      ...one,
      eventsPerSecond: middle((run) => run.eventsPerSecond),
      p999Ms: middle((run) => run.p999Ms),
      longestMs: middle((run) => run.longestMs),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const growthRow = (what: string, steps: readonly Step[]): Row => ({
  what: `growth: ${what}, ${steps.map(({ work }) => thousands(work)).join(', ')}`,
  figure: `${steps.map((step) => time(step.seconds)).join(', ')}; exponent ${exponentOf(steps).toFixed(2)}`,
})

const time = (seconds: number): string =>
  seconds < 0.1 ? `${(seconds * 1_000).toPrecision(2)} ms` : `${seconds.toPrecision(2)} s`

const besides = (name: string, ours: number, theirs: number | undefined): Partial<Row> =>
  theirs === undefined
    ? {}
    : { beside: `${name}: ${thousands(theirs)} (${(ours / theirs).toFixed(2)} times)` }

async function ingest(): Promise<Row[]> {
  const audit = await benchAudit()
  const rows: Row[] = [
    {
      what: 'audit records parsed to events, a second on one core',
      figure: thousands(audit.recordsPerSecond),
      ...besides('ausearch --format csv', audit.recordsPerSecond, audit.ausearchRecordsPerSecond),
    },
    {
      ...{ what: 'the same', figure: thousands(audit.recordsPerSecond) },
      ...besides('aureport', audit.recordsPerSecond, audit.aureportRecordsPerSecond),
    },
  ]
  for (const share of [0.1, 0.5]) {
    say(`  through to SQLite, ${share * 100} % connections ...`)
    const { eventsPerSecond, p999Ms, longestMs } = await through(share)
    const waits = `the event loop waits ${p999Ms.toFixed(0)} ms at the 99.9th percentile, ${longestMs.toFixed(0)} ms at most`
    rows.push({
      what: `events parsed, correlated, stored and assessed, a second; ${share * 100} % are connections`,
      figure: `${thousands(eventsPerSecond)}; ${waits}`,
    })
  }
  const evtx = await benchEvtx()
  if (evtx !== undefined) {
    rows.push({
      ...{ what: 'EVTX records to events, a second', figure: thousands(evtx.oursPerSecond) },
      ...besides('evtxexport -f xml', evtx.oursPerSecond, evtx.exportPerSecond),
    })
  }
  return [...rows, growthRow('audit records through to SQLite', await throughSteps())]
}

async function store(): Promise<Row[]> {
  const { eventsPerSecond, begin, repeat } = benchStore()
  const rows: Row[] = [{ what: 'events stored, a second', figure: thousands(eventsPerSecond) }]
  for (const [what, { perSecond, importedPerSecond }] of [
    ['transfers stored, a second, each beginning a series', begin],
    ['transfers stored, a second, of 2,000 known series', repeat],
  ] as const) {
    rows.push({
      ...{ what, figure: thousands(perSecond) },
      ...besides('sqlite3 .import of the same rows', perSecond, importedPerSecond),
    })
  }
  return [...rows, growthRow('transfers stored', storeSteps())]
}

async function detect(): Promise<Row[]> {
  const rows = [growthRow('one series assessed, by its transfers', assessSteps())]
  const steps: Step[] = []
  for (const series of [SWEPT_SERIES / 100, SWEPT_SERIES / 10, SWEPT_SERIES]) {
    say(`  ${thousands(series)} series ...`)
    const sweep = await benchSweep(series)
    steps.push({ work: series, seconds: sweep.seconds })
    if (series < SWEPT_SERIES) continue
    const { seconds, p999Ms, longestMs, daySeconds } = sweep
    rows.push({
      what: `all of ${thousands(series)} series (${thousands(sweep.transfers)} transfers) assessed at once, as after a start`,
      figure: `${seconds.toFixed(1)} s; the event loop waits ${p999Ms.toFixed(0)} ms at the 99.9th percentile, ${longestMs.toFixed(0)} ms at most`,
    })
    rows.push({
      what: 'a day of them, one more transfer each, stored and assessed as they come',
      figure: `${daySeconds.toFixed(1)} s of a core`,
    })
  }
  return [...rows, growthRow('all series assessed', steps)]
}

async function live(): Promise<Row[]> {
  say('  an agent at each rate ...')
  const costs = await benchLiveAgent(LIVE_RATES)
  const rows: Row[] = costs.map((cost, i) => ({
    what: `the agent ${LIVE_RATES[i] === 0 ? 'idle' : `at ${thousands(cost.eventsPerSecond)} audit events a second`}, for ${MEASURE_SECONDS} s`,
    figure: costText(cost),
  }))
  say("  made-up records straight to the agent's socket, for a minute ...")
  rows.push(lossRow("straight to the agent's socket", await benchSocket()))
  return rows
}

/** As root, with the rules of the machine's auditd taken away. */
async function auditd(): Promise<Row[]> {
  const rows: Row[] = []
  for (const recordsPerSecond of [20_000, undefined]) {
    say('  kernel, auditd, its plugin and the agent ...')
    rows.push(lossRow('from the kernel by auditd', await benchAuditd(recordsPerSecond)))
  }
  return rows
}

function lossRow(way: string, count: LossCount): Row {
  const { recordsPerSecond, made, logged, whole, kernelLost, broken, shed } = count
  const lost =
    logged === undefined
      ? [`${thousands(made - whole)} by a queue as long as auditd's`]
      : [
          `${thousands(kernelLost ?? 0)} records by the kernel`,
          `${thousands(Math.max(0, logged - whole))} events by auditd's queue`,
        ]
  return {
    what: `audit records a second ${way}`,
    figure: `${thousands(recordsPerSecond)}; of ${thousands(made)} events lost: ${lost.join(', ')}; ${thousands(broken)} records came without their event, ${thousands(shed)} events were left out to save CPU`,
  }
}

function costText(cost: LiveCost): string {
  const { cpuRatio, rssBytes, anonBytes, wakeUps, writtenBytes, droppedRecords } = cost
  const kib = Math.round(writtenBytes / 1_024)
  return (
    `${(cpuRatio * 100).toFixed(2)} % of a core, ${mib(rssBytes)} RSS (${mib(anonBytes)} anonymous), ` +
    `${wakeUps.toFixed(1)} wake-ups a second, ${thousands(kib)} KiB a minute written` +
    (cost.eventsPerSecond === 0
      ? ''
      : `, ${thousands(droppedRecords)} records dropped by auditd's queue`)
  )
}

async function hunt(): Promise<Row[]> {
  const rows: Row[] = []
  const steps: Step[] = []
  for (const records of [14_000, 140_000, 1_400_000]) {
    const { seconds, fileBytes, peakRssBytes } = await benchHunt(records)
    steps.push({ work: records, seconds })
    if (records < 1_400_000) continue
    rows.push({
      what: `hunt, ${thousands(records)} Zeek connections (${mib(fileBytes)})`,
      figure: `${seconds.toFixed(1)} s, ${mib(peakRssBytes)} RSS at most`,
    })
  }
  const auditSteps: Step[] = []
  for (const asked of AUDIT_HUNT_RECORDS) {
    say(`  ${thousands(asked)} audit records ...`)
    const { records, seconds, fileBytes, peakRssBytes } = await benchAuditHunt(asked)
    auditSteps.push({ work: records, seconds })
    rows.push({
      what: `hunt, ${thousands(records)} audit records (${mib(fileBytes)})`,
      figure: `${seconds.toFixed(1)} s, ${mib(peakRssBytes)} RSS at most`,
    })
  }
  return [
    ...rows,
    growthRow('Zeek connections hunted', steps),
    growthRow('audit records hunted', auditSteps),
  ]
}

/** Of the two that stand beside each other. */
const sqliteVersion = (): string =>
  new Database(':memory:').prepare<[], string>('SELECT sqlite_version()').pluck().get() ?? ''

/** What a run without names does, some ten minutes; `auditd` has the machine's auditd to itself for six more. */
const PARTS = { ingest, store, detect, live, hunt }
const ALL = { ...PARTS, auditd }
const RESULTS = join(import.meta.dirname, 'results.json')
const machine = {
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  memory: mib(totalmem()),
  kernel: release(),
  node: process.version,
  sqlite: sqliteVersion(),
}
const asked = process.argv.slice(2)
const rows: Row[] = []
for (const [name, part] of Object.entries(ALL)) {
  if (asked.length > 0 ? !asked.includes(name) : !(name in PARTS)) continue
  say(`${name} ...`)
  const measured = await part()
  rows.push(...measured)
  // At once, beside what was measured before: a part that fails later takes nothing away.
  const before = existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, 'utf8')) : {}
  const results = { machine, parts: { ...before.parts, [name]: measured } }
  writeFileSync(RESULTS, `${JSON.stringify(results, undefined, 2)}\n`)
}
const lines = ['| what | figure | beside it, in the same run |', '| --- | --- | --- |']
for (const { what, figure, beside = '' } of rows) lines.push(`| ${what} | ${figure} | ${beside} |`)
process.stdout.write(`${lines.join('\n')}\n`)
