import t from 'tap'
import { histogramPlot, rasterPlot, volumePlot } from '../../../../agent/report/page/plots.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const START = Date.UTC(2026, 10, 2)
const every = (ms: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => START + i * ms)
/** Elements drawn by a mark. */
const drawn = (svg: string, mark: string, element: string): number =>
  (new RegExp(`<g[^>]* class="${mark}"[^>]*>(.*?)</g>`, 's').exec(svg)?.[1] ?? '').split(
    `<${element} `,
  ).length - 1

t.test(
  'a raster has a mark a transfer, behind it what was due and where we were blind',
  async (t) => {
    const { html } = rasterPlot({
      ...{ timesMs: every(HOUR, 72), expectedMs: every(HOUR, 73), timeZone: 'UTC' },
      gaps: [{ fromMs: START + 20 * HOUR, toMs: START + 28 * HOUR, reason: 'x' }],
    })
    t.equal(drawn(html, 'beats', 'line'), 72)
    t.equal(drawn(html, 'expected', 'line'), 72, 'the last is on a day that is not shown')
    t.equal(drawn(html, 'blind', 'rect'), 2, 'cut at midnight')
    for (const day of ['Mon 02 Nov', 'Tue 03 Nov', 'Wed 04 Nov']) t.match(html, day)
    t.match(html, /^<svg role="img" [^>]*aria-label="When transfers came/)
  },
)

t.test('its clock is that of the zone', async (t) => {
  const options = { timesMs: [START + 23.5 * HOUR], expectedMs: [], gaps: [] }
  t.match(rasterPlot({ ...options, timeZone: 'Europe/Berlin' }).html, 'Tue 03 Nov')
  t.match(rasterPlot({ ...options, timeZone: 'UTC' }).html, 'Mon 02 Nov')
})

t.test('it does not grow without bounds', async (t) => {
  const { html } = rasterPlot({
    timesMs: every(60_000, 50_000),
    expectedMs: every(60_000, 50_000),
    gaps: [],
    timeZone: 'UTC',
  })
  t.equal(drawn(html, 'beats', 'line'), 1_500)
  t.equal(drawn(html, 'expected', 'line'), 0, 'what is due all the time only shades')
  t.ok(html.length < 200_000, `${html.length} bytes`)
})

t.test('a histogram has a bar a bin; of one transfer there is none', async (t) => {
  const times = every(HOUR, 200).map((at, i) => at + ((i * 37) % 100) * 10_000)
  t.equal(drawn(histogramPlot(times)?.html ?? '', 'intervals', 'rect'), 24)
  t.equal(histogramPlot([START]), undefined)
})

t.test('volume is drawn where somebody counted', async (t) => {
  const observations = every(DAY, 5).map((atMs, i) => ({
    atMs,
    connections: 1,
    ...(i > 0 && { sentBytes: i * 1_000 }),
  }))
  t.equal(drawn(volumePlot(observations, 'UTC')?.html ?? '', 'volume', 'circle'), 4)
  t.equal(volumePlot([{ atMs: START, connections: 1 }], 'UTC'), undefined)
})
