import t from 'tap'
import { localHosts } from '../../../agent/hunt/direction.ts'
import { findings } from '../../../agent/hunt/findings.ts'
import { seriesTable } from '../../../agent/hunt/series-table.ts'
import type { RecordedConnection } from '../../../platform/recordings/zeek-record.ts'
import { fakeJudge } from '../../support/fake-judge.ts'
import { recorded } from '../../support/recorded.ts'

const HOUR = 3_600_000
type Fields = Partial<RecordedConnection>

/** Beats of one series, each with a source port of its own. */
const beating = (count: number, everyMs: number, fields: Fields, firstMs = 0): Fields[] =>
  Array.from({ length: count }, (_, i) => ({
    ...fields,
    startMs: firstMs + i * everyMs,
    sourcePort: i,
  }))
/** Gaps that no two are alike. */
const wandering = (count: number, fields: Fields): Fields[] =>
  Array.from({ length: count }, (_, i) => ({ ...fields, startMs: i * i * HOUR, sourcePort: i }))
/** From outside to the web server that is ours. */
const fromOutside = (last: number): Fields => ({
  sourceIp: `203.0.113.${last}`,
  destinationIp: '10.0.0.80',
  destinationPort: 80,
})

function found(all: readonly Fields[], isAll = false) {
  const table = seriesTable({ maxObservations: 100, nameOf: () => undefined })
  for (const fields of all) table.add(recorded(fields))
  const isLocal = localHosts(table.series(), [])
  return findings(table, { isLocal, judge: fakeJudge, isAll })
}

t.test('what recurs is found, ranked by risk, then by score', async (t) => {
  const result = found([
    ...beating(6, HOUR, { destinationPort: 22 }),
    ...beating(6, HOUR, { destinationPort: 443 }),
    ...wandering(6, { destinationPort: 80 }),
    ...beating(2, HOUR, { destinationPort: 81 }),
  ])
  t.match(result, [
    { series: { destinationPort: 443 }, risk: { score: 100 }, direction: 'outbound' },
    { series: { destinationPort: 22 }, risk: { score: 22 } },
  ])
  t.equal(result.length, 2)
})

t.test('all tells what is left out, and why, after what was found', async (t) => {
  const result = found(
    [
      ...wandering(6, { destinationPort: 80 }),
      ...beating(6, HOUR, { destinationPort: 22 }),
      ...beating(1, HOUR, { destinationPort: 81 }),
      ...beating(6, HOUR, { destinationIp: '224.0.0.251', destinationPort: 53, transport: 'udp' }),
    ],
    true,
  )
  t.strictSame(
    result.map(({ series, leftOut }) => [series.destinationPort, leftOut]),
    [
      [22, undefined],
      [81, 'undecided'],
      [80, 'irregular'],
      [53, 'to-everyone'],
    ],
  )
})

t.test('from outside it must be answered', async (t) => {
  const silent = { ...fromOutside(1), receivedBytes: 0 }
  t.match(found(beating(6, HOUR, silent), true), [{ leftOut: 'inbound-unanswered' }])
  t.match(found(beating(6, HOUR, fromOutside(1))), [{ direction: 'inbound' }])
})

t.test('from outside it must last', async (t) => {
  const brief = beating(6, 60_000, fromOutside(1))
  const lasting = beating(6, HOUR, fromOutside(2))
  const result = found([...brief, ...lasting], true)
  t.strictSame(
    result.map(({ series, leftOut }) => [series.sourceIp, leftOut]),
    [
      ['203.0.113.2', undefined],
      ['203.0.113.1', 'inbound-brief'],
    ],
  )
})

t.test('from outside it must stand out: a crowd in rhythm is none of our doing', async (t) => {
  const guessers = Array.from({ length: 10 }, (_, i) => beating(6, HOUR + i, fromOutside(i)))
  t.equal(found(guessers.flat()).length, 0)
  t.ok(found(guessers.flat(), true).every(({ leftOut }) => leftOut === 'inbound-crowd'))

  const visitors = Array.from({ length: 10 }, (_, i) => wandering(6, fromOutside(100 + i)))
  const [beacon, ...others] = found([...visitors.flat(), ...beating(30, HOUR, fromOutside(1))])
  t.match(beacon, { series: { sourceIp: '203.0.113.1' }, direction: 'inbound' })
  t.equal(others.length, 0)
})

t.test('what goes out needs neither to last nor to be alone', async (t) => {
  const fleet = Array.from({ length: 10 }, (_, i) =>
    beating(6, 60_000, { sourceIp: `10.0.1.${i}` }),
  )
  t.equal(found([...fleet.flat(), { startMs: 90 * HOUR }]).length, 10)
})

t.test('how rare a destination is tells only among several hosts', async (t) => {
  const one = beating(6, HOUR, { sourceIp: '10.0.0.1' })
  t.strictSame(found(one)[0]?.risk.factors, [])
  const others = [2, 3].map((i) => ({
    sourceIp: `10.0.0.${i}`,
    destinationIp: '198.51.100.1',
    startMs: i,
  }))
  t.match(found([...one, ...others])[0]?.risk.factors, [{ name: 'senders', value: 1 }])
})
