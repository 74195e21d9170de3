/** A whole Linux host, from its files: what each of them tells comes together in one finding. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import t from 'tap'
import { huntFolder } from '../../support/hunt-folder.ts'
import { auditLog, conntrackLog, cronLog, type JobRuns } from '../../support/linux-host.ts'

const MINUTE = 60_000
/** 2026-11-02 00:00 UTC, a Monday. */
const START = 1_793_577_600_000
const every = (minutes: number, count: number, offsetMs = 1_000): number[] =>
  Array.from({ length: count }, (_, i) => START + i * minutes * MINUTE + offsetMs)

const job: JobRuns = {
  ...{ script: '/opt/sync.sh', destination: '203.0.113.9', port: 443, sentBytes: 48_000 },
  ...{ startsMs: every(15, 96), pid: 4_000 },
}
const other: JobRuns = { ...job, script: '/srv/report', destination: '198.51.100.7', pid: 9_000 }

const halves = (text: string): readonly [string, string] => {
  const lines = text.trimEnd().split('\n')
  const middle = lines.length >> 1
  return [lines.slice(0, middle).join('\n'), lines.slice(middle).join('\n')]
}

t.test('audit log, cron’s log, conntrack and crontab are one host', async (t) => {
  const [older, newer] = halves(auditLog([job]))
  const folder = t.testdir({
    web1: {
      etc: { 'cron.d': { sync: '# ours\nSHELL=/bin/sh\n*/15 * * * * root /opt/sync.sh\n' } },
      var: {
        log: {
          'cron.log.zst': zstdCompressSync(cronLog([job], 'web1')),
          audit: { 'audit.log': newer, 'audit.log.1.gz': gzipSync(older) },
        },
        'flows.txt': 'no recording',
      },
    },
  })
  const flows = join(folder, 'web1/var/log/conntrack.log')
  writeFileSync(flows, conntrackLog([job]))
  const { findings, files } = await huntFolder(folder)
  t.strictSame(
    files.map(({ path, format }) => [path.slice(folder.length + 6), format]),
    [
      ['var/flows.txt', undefined],
      ['var/log/audit/audit.log', 'audit'],
      ['var/log/audit/audit.log.1.gz', 'audit'],
      ['var/log/conntrack.log', 'conntrack'],
      ['var/log/cron.log.zst', 'syslog'],
    ],
  )
  t.match(findings, [
    {
      series: {
        destinationIp: '203.0.113.9',
        sourceIp: '10.0.0.5',
        transfers: 96,
        sentBytes: 96 * 48_000,
        sender: {
          host: 'web1',
          transfer: {
            actor: '/opt/sync.sh',
            user: { id: '0' },
            schedule: { file: '/etc/cron.d/sync', line: 3, trigger: '*/15 * * * *' },
            datasets: ['linux.audit', 'linux.conntrack'],
          },
        },
      },
      assessment: { form: /every 15 min/, periods: [{ model: 'clock' }] },
      risk: { analytic: 'AN1119' },
    },
  ])
  t.equal(findings.length, 1)
})

t.test('hosts are kept apart, by name and by where their files lie', async (t) => {
  const folder = t.testdir({
    a: { 'audit.log': auditLog([job]) },
    b: { 'audit.log': auditLog([job]) },
    'both.log': [auditLog([job], 'web3'), auditLog([other], 'web4')].join(''),
  })
  const { findings } = await huntFolder(folder)
  const hosts = findings.map(({ series: { sender } }) => sender?.host || sender?.place)
  t.strictSame(hosts.sort(), [join(folder, 'a'), join(folder, 'b'), 'web3', 'web4'])
  t.ok(findings.every(({ series }) => series.transfers === 96))
})

t.test('a span in which records were lost is a gap, and no silence', async (t) => {
  const lines = auditLog([job]).trimEnd().split('\n')
  const cut = [...lines.slice(0, 400), ...lines.slice(560)].join('\n')
  const { findings, files } = await huntFolder(t.testdir({ 'audit.log': cut }))
  // Four events a run: 160 lines are 13 runs.
  t.match(files, [{ counts: { missing: 52 } }])
  const [found] = findings
  t.match(found?.gaps, [{ reason: 'sequence-gap' }])
  t.ok((found?.assessment.periods[0]?.missedRatio ?? 1) < 0.02, 'nothing was missed there')
})

t.test('a crontab that is named as a file tells of its jobs', async (t) => {
  const folder = t.testdir({
    'audit.log': auditLog([job]),
    'root.cron': '*/15 * * * * root /opt/sync.sh\n',
  })
  const { findings } = await huntFolder(folder)
  const { schedule } = findings[0]?.series.sender?.transfer ?? {}
  t.match(schedule, { file: join(folder, 'root.cron'), line: 1, user: { name: 'root' } })
})
