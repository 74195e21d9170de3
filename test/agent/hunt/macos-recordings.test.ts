/** A whole Mac, from its files; and every recording of a Mac that others made. */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { build } from 'plist'
import t from 'tap'
import { huntDocument } from '../../../agent/hunt/document.ts'
import { hunt } from '../../../agent/hunt/hunt.ts'
import { huntFolder, plainJudge } from '../../support/hunt-folder.ts'
import { type LaunchdRun, runLines, runLog } from '../../support/launchd-run.ts'
import { recording, recordings, withoutRecordings } from '../../support/recordings.ts'

const MINUTE = 60_000
const RUNS = 48
/** 2026-11-02 00:00 UTC, a Monday. */
const START = 1_793_577_600_000
const LABEL = 'com.example.collect'
const FILE = `/Library/LaunchDaemons/${LABEL}.plist`

const run = (n: number, destinationIp?: string): LaunchdRun => ({
  ...{ label: LABEL, script: '/opt/collect.sh', startMs: START + n * 15 * MINUTE },
  ...{ pid: 2_000 + 2 * n, socket: 100 + n, localPort: 50_000 + n, sentBytes: 40_000 },
  ...(destinationIp !== undefined && { destinationIp }),
})

const lines = (all: readonly string[]): string => `${all.join('\n')}\n`
const numbers = Array.from({ length: RUNS }, (_, n) => n)

for (const [what, destinationIp] of [
  ['in clear', '203.0.113.9'],
  ['masked', undefined],
] as const) {
  t.test(`eslogger, the log and launchd’s folders are one Mac; ${what}`, async (t) => {
    const runs = numbers.map((n) => run(n, destinationIp))
    const folder = t.testdir({
      mac1: {
        'eslogger.ndjson.gz': gzipSync(lines(runs.flatMap(runLines))),
        'log.ndjson': lines(['Filtering the log data using "x"', ...runs.flatMap(runLog)]),
        Library: {
          LaunchDaemons: {
            [`${LABEL}.plist`]: build({
              Label: LABEL,
              ProgramArguments: ['/bin/bash', '/opt/collect.sh'],
              StartInterval: 900,
            }),
            'cut.plist': '<?xml version="1.0"?>\n<plist><dict><key>',
          },
        },
      },
    })
    const { findings, files } = await huntFolder(folder)
    t.strictSame(
      files.map(({ path, format }) => [path.slice(folder.length + 6), format]),
      [
        [`Library/LaunchDaemons/${LABEL}.plist`, 'launchd'],
        ['Library/LaunchDaemons/cut.plist', 'launchd'],
        ['eslogger.ndjson.gz', 'eslogger'],
        ['log.ndjson', 'unified-log'],
      ],
    )
    t.match(files[1]?.faults, [{ reason: /\/Library\/LaunchDaemons\/cut\.plist: .*cut off/ }])
    t.equal(findings.length, 1)
    t.match(findings[0], {
      series: {
        destinationIp: destinationIp ?? 'masked:IPv4',
        transfers: RUNS,
        sentBytes: RUNS * 40_000,
        sender: {
          transfer: {
            actor: '/opt/collect.sh',
            user: { id: '0' },
            schedule: { id: LABEL, file: FILE, trigger: 'StartInterval=900' },
          },
        },
      },
      assessment: { form: /^every 15 min/ },
      direction: 'outbound',
      risk: { analytic: 'AN1120' },
    })
    const [finding] = findings
    const { destination, source } = finding ? huntDocument(finding) : {}
    t.match(destination, destinationIp ? { ip: destinationIp } : { address: 'masked:IPv4' })
    t.notMatch(JSON.stringify(source), 'masked')
  })
}

t.test(
  'every recording of a Mac is read, and its books close',
  { skip: withoutRecordings },
  async (t) => {
    const rows = recordings('macos-')
    const { files } = await hunt({
      ...{ files: rows.map(({ path }) => recording(path)), schedules: new Map(), networks: [] },
      ...{ timeZone: 'UTC', judge: plainJudge, maxObservations: 100, isAll: true },
    })
    const reports = new Map(files.map((file) => [file.path, file]))
    for (const { path, counts } of rows) {
      const report = reports.get(recording(path))
      const format = formatOf(path)
      t.equal(report?.format, format, path)
      if (format === undefined) continue
      t.equal(report?.error, undefined, path)
      const { rows: read = 0, malformed = 0, ignored = 0 } = report?.counts ?? {}
      if (format === 'launchd') {
        t.equal(read, 1, path)
        t.equal(malformed + ignored, /\bLabel=1\b/.test(counts) ? 0 : 1, `${path}: ${counts}`)
        continue
      }
      t.equal(read, readFileSync(recording(path), 'utf8').split('\n').filter(Boolean).length, path)
      const told = format === 'eslogger' ? totalOf(counts) : Number(/lines=(\d+)/.exec(counts)?.[1])
      // Of the file with all types the table has the first 25; it counts line feeds, not lines.
      const isCut = counts.split(' ').length === 25
      t.ok(isCut ? read > told : read === told || read === told + 1, `${path}: ${counts}`)
    }
    const damaged = [...reports.values()].filter(({ faults }) => faults.length > 0)
    t.ok(damaged.some(({ path }) => path.endsWith('truncated.plist')))
    for (const { path, faults } of damaged) {
      if (formatOf(path.slice(path.indexOf('macos-'))) === 'launchd')
        t.match(faults[0]?.reason, path.slice(path.lastIndexOf('/')))
    }
  },
)

/** What each is told to be; the others are texts for people, and older than the unified log. */
function formatOf(path: string): string | undefined {
  if (path.startsWith('macos-eslogger/')) return 'eslogger'
  if (path.startsWith('macos-launchd/')) return 'launchd'
  if (path.endsWith('.ndjson')) return 'unified-log'
  return path.endsWith('Mac_2k.log') ? 'syslog' : undefined
}

const totalOf = (counts: string): number =>
  [...counts.matchAll(/=(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0)
