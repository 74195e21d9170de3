import t from 'tap'
import {
  histogramLines,
  intervalBins,
  intervalsOf,
  offsetMs,
  rasterLines,
} from '../../../agent/report/text-plots.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** 2026-11-02 00:00 UTC, a Monday. */
const START = Date.UTC(2026, 10, 2)
const every = (ms: number, count: number, from = START): number[] =>
  Array.from({ length: count }, (_, i) => from + i * ms)

t.test('days down, the time of day across', async (t) => {
  const lines = rasterLines({ timesMs: every(DAY, 3, START + 2 * HOUR), gaps: [], timeZone: 'UTC' })
  t.equal(
    lines[0],
    '           00:00    03:00    06:00    09:00    12:00    15:00    18:00    21:00',
  )
  t.strictSame(
    lines.slice(1),
    ['Mon 02 Nov', 'Tue 03 Nov', 'Wed 04 Nov'].map(
      (day) => `${day} ${'·'.repeat(6)}█${'·'.repeat(65)}`,
    ),
  )
})

t.test('the clock is that of the zone', async (t) => {
  const [, first = ''] = rasterLines({
    ...{ timesMs: every(DAY, 3, START + 2 * HOUR), gaps: [], timeZone: 'Europe/Berlin' },
  })
  t.equal(first.indexOf('█'), 'Mon 02 Nov '.length + 9, 'an hour later there')
  t.equal(offsetMs(Date.UTC(2026, 6, 1), 'Europe/Berlin'), 2 * HOUR)
  t.equal(offsetMs(START + 123, 'America/New_York'), -5 * HOUR)
})

t.test('what is younger than a day is told by the hour', async (t) => {
  const lines = rasterLines({ timesMs: every(5 * MINUTE, 24), gaps: [], timeZone: 'UTC' })
  t.match(lines[0], /:00 +:10 +:20/)
  t.match(lines[1], /^Mon 00:00 {2}█/)
  t.equal(lines.length, 3)
})

t.test('blind spans are no silence', async (t) => {
  const gaps = [{ fromMs: START + 6 * HOUR, toMs: START + 8 * HOUR, reason: 'restart' }]
  const [, first = ''] = rasterLines({ timesMs: every(DAY, 3), gaps, timeZone: 'UTC' })
  t.equal(first, `Mon 02 Nov █${'·'.repeat(17)}${'?'.repeat(6)}${'·'.repeat(48)}`)
})

t.test('as many beats fit into each cell', async (t) => {
  const timesMs = every(15 * MINUTE, 4 * 96)
  const [, row = ''] = rasterLines({ timesMs, gaps: [], timeZone: 'UTC', periodMs: 15 * MINUTE })
  t.equal(row, `Mon 02 Nov ${'█'.repeat(48)}`)
  t.equal(
    rasterLines({ timesMs: every(DAY, 90), gaps: [], timeZone: 'UTC' }).length,
    15,
    'two weeks',
  )
  t.strictSame(rasterLines({ timesMs: [], gaps: [], timeZone: 'UTC' }), [])
})

t.test('intervals in bins, however long the longest is', async (t) => {
  const times = [...every(10 * MINUTE, 50), START + 30 * DAY]
  const bins = intervalBins(intervalsOf(times), 9)
  t.equal(
    bins.reduce((sum, { count }) => sum + count, 0),
    50,
  )
  t.equal(bins.at(-1)?.toMs, (times[50] as number) - (times[49] as number))
  const jittered = Array.from(
    { length: 200 },
    (_, i) => START + i * 10 * MINUTE + ((i * 37) % 100) * 1_000,
  )
  const spread = intervalBins(intervalsOf(jittered), 9)
  t.equal(spread.length, 9)
  t.ok(spread.every(({ fromMs, toMs }) => fromMs <= toMs))
  const lines = histogramLines(jittered)
  t.equal(lines.length, 9)
  t.match(lines.join('\n'), '█'.repeat(40))
  t.strictSame(histogramLines(every(MINUTE, 4)), [`1 min to 1 min  ${'█'.repeat(40)} 3`])
  t.strictSame(histogramLines([START]), [])
})

t.test('narrow bins are told with tenths of a second', async (t) => {
  const times = Array.from(
    { length: 100 },
    (_, i) => START + i * 15 * MINUTE + ((i * 37) % 100) * 40,
  )
  t.match(histogramLines(times)[1], /14 min 5\d\.\d s to 1[45] min/)
})
