/** `npm run bench`: what the agent costs and how fast it is, as a table and as results.json. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, release, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { benchAudit, median, writeLog } from './audit-parse.ts'
import { auditThrough } from './audit-through.ts'
import { benchHunt } from './hunt-zeek.ts'
import { benchLiveAgent } from './live-agent.ts'
import { benchStore } from './store-insert.ts'
import { benchSweep } from './sweep.ts'

const THROUGH_RECORDS = 800_000
const RUNS = 3

interface Row {
  readonly what: string
  readonly figure: string
  /** Beside it in the same run, or the aim. */
  readonly beside?: string
}

const say = (text: string): void => void process.stderr.write(`${text}\n`)
const thousands = (count: number): string => Math.round(count).toLocaleString('en-US')
const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`

/** @returns events a second, of a log of which this share are connections */
async function through(connections: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'tidewatch-bench-'))
  try {
    const log = join(folder, 'audit.log')
    await writeLog(log, THROUGH_RECORDS, connections)
    const figures: number[] = []
    for (let run = 0; run < RUNS; run++) {
      figures.push((await auditThrough(log, join(folder, `data-${run}`))).eventsPerSecond)
    }
    return median(figures)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function run(): Promise<Row[]> {
  const rows: Row[] = []
  say('audit records to events ...')
  const audit = await benchAudit()
  rows.push({
    what: 'audit records parsed to events, a second on one core',
    figure: thousands(audit.recordsPerSecond),
    ...(audit.ausearchRecordsPerSecond !== undefined && {
      beside: `ausearch --format csv: ${thousands(audit.ausearchRecordsPerSecond)}`,
    }),
  })
  for (const share of [0.1, 0.5]) {
    say(`events through to SQLite, ${share * 100} % connections ...`)
    rows.push({
      what: `events parsed, correlated, stored and assessed, a second; ${share * 100} % are connections`,
      figure: thousands(await through(share)),
    })
  }
  say('store ...')
  const store = benchStore()
  rows.push({ what: 'events stored, a second', figure: thousands(store.eventsPerSecond) })
  for (const [what, { perSecond, importedPerSecond }] of [
    ['transfers stored, a second, each beginning a series', store.begin],
    ['transfers stored, a second, of 2,000 known series', store.repeat],
  ] as const) {
    rows.push({
      ...{ what, figure: thousands(perSecond) },
      ...(importedPerSecond !== undefined && {
        beside: `sqlite3 .import of the same rows: ${thousands(importedPerSecond)} (${Math.round((100 * perSecond) / importedPerSecond)} %)`,
      }),
    })
  }
  say('a sweep over 100,000 series ...')
  const sweep = await benchSweep()
  rows.push({
    what: `all of ${thousands(sweep.series)} series (${thousands(sweep.transfers)} transfers) assessed at once, as after a start`,
    figure: `${sweep.seconds.toFixed(0)} s; the event loop waits ${sweep.p999Ms.toFixed(0)} ms at the 99.9th percentile, ${sweep.longestMs.toFixed(0)} ms at most`,
  })
  say('the running agent, idle and at 1,000 audit events a second ...')
  for (const cost of await benchLiveAgent([0, 1_000])) {
    const load =
      cost.eventsPerSecond === 0
        ? 'idle'
        : `at ${thousands(cost.eventsPerSecond)} audit events a second`
    rows.push({
      what: `the agent ${load}`,
      figure: `${(cost.cpuRatio * 100).toFixed(2)} % of a core, ${mib(cost.rssBytes)} RSS (${mib(cost.anonBytes)} anonymous)`,
    })
  }
  say('hunt through 1.4 million Zeek records ...')
  const hunt = await benchHunt()
  rows.push({
    what: `hunt, ${thousands(hunt.records)} Zeek connections (${mib(hunt.fileBytes)})`,
    figure: `${hunt.seconds.toFixed(1)} s, ${mib(hunt.peakRssBytes)} RSS at most`,
  })
  return rows
}

const rows = await run()
const machine = {
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  memory: mib(totalmem()),
  kernel: release(),
  node: process.version,
}
const results = { machine, rows }
writeFileSync(
  join(import.meta.dirname, 'results.json'),
  `${JSON.stringify(results, undefined, 2)}\n`,
)
const lines = ['| what | figure | beside it, in the same run |', '| --- | --- | --- |']
for (const { what, figure, beside = '' } of rows) lines.push(`| ${what} | ${figure} | ${beside} |`)
process.stdout.write(`${lines.join('\n')}\n`)
