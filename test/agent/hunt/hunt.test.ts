import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { type HuntProgress, hunt } from '../../../agent/hunt/hunt.ts'
import { fakeJudge } from '../../support/fake-judge.ts'
import { beats, connLog, dnsLog } from '../../support/zeek-log.ts'

const huntIn = (folder: string, names: readonly string[], progress?: (s: HuntProgress) => void) =>
  hunt({
    files: names.map((name) => join(folder, name)),
    networks: [],
    timeZone: 'UTC',
    maxObservations: 100,
    isAll: false,
    judge: fakeJudge,
    ...(progress === undefined ? {} : { progress }),
  })

t.test('all files are one recording, in any order', async (t) => {
  const folder = t.testdir({
    'conn.1.log': connLog(beats(3, 600)),
    'conn.2.log.gz': gzipSync(connLog(beats(3, 600, {}, 1_700_001_800))),
  })
  const result = await huntIn(folder, ['conn.2.log.gz', 'conn.1.log'])
  t.match(result, { series: 1, findings: [{ series: { transfers: 6 } }] })
  t.match(result.span, { firstMs: 1_700_000_000_000, lastMs: 1_700_003_000_000 })
})

t.test('a file that is given twice counts once', async (t) => {
  const folder = t.testdir({ 'conn.log': connLog(beats(6, 600)) })
  const result = await huntIn(folder, ['conn.log', 'conn.log'])
  t.match(result.findings, [{ series: { transfers: 6 }, assessment: { observations: 6 } }])
})

t.test('names are known, wherever the DNS log stands', async (t) => {
  const folder = t.testdir({
    'conn.log': connLog(beats(6, 600)),
    'dns.log': dnsLog([[1_699_999_999, '10.0.0.5', 'cdn.example', '203.0.113.9']]),
  })
  const result = await huntIn(folder, ['conn.log', 'dns.log'])
  t.match(result.findings, [{ series: { domain: 'cdn.example', destinationIp: '203.0.113.9' } }])
})

t.test('what can not be read is told, and the rest goes on', async (t) => {
  const whole = connLog(beats(5_000, 600))
  const folder = t.testdir({
    'text.log': 'Lorem ipsum\n',
    'cut.gz': gzipSync(whole, { level: 0 }).subarray(0, 200_000),
    'conn.log': connLog([...beats(6, 600, { 'id.resp_h': '203.0.113.77' }), { ts: 'never' }]),
  })
  const result = await huntIn(folder, ['none.log', 'text.log', 'cut.gz', 'conn.log'])
  t.match(result.files, [
    { error: { message: /none\.log: no such file/, remedy: 'check the path' } },
    { error: { message: /text\.log: no recording of a kind that is known/ } },
    { error: { message: /cut\.gz: damaged or cut off/ } },
    { counts: { rows: 7, connections: 6, malformed: 1 }, faults: [{ line: 13, reason: /ts/ }] },
  ])
  t.equal(result.files[3]?.error, undefined)
  t.equal(result.findings.length, 2, 'also from before the damage')
})

t.test('probes are counted, and are no series', async (t) => {
  const probe = { conn_state: 'S0', orig_bytes: '-', resp_bytes: '-' }
  const folder = t.testdir({ 'conn.log': connLog(beats(50, 600, probe)) })
  t.match(await huntIn(folder, ['conn.log']), { probes: 50, series: 0, findings: [] })
})

t.test('progress runs over all files, then over the series', async (t) => {
  const folder = t.testdir({ a: connLog(beats(6, 600)), b: connLog(beats(6, 60)) })
  const seen: HuntProgress[] = []
  await huntIn(folder, ['a', 'b'], (state) => seen.push(state))
  const bytes = seen.flatMap((state) => (state.phase === 'reading' ? [state.bytes] : []))
  t.ok(bytes.length >= 2 && bytes.every((at, i) => at >= (bytes[i - 1] ?? 0)), bytes.join())
  t.match(seen.at(-1), { phase: 'judging', total: 1 })
})
