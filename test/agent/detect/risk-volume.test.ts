import fc from 'fast-check'
import t from 'tap'
import { volumeOf } from '../../../agent/detect/risk-volume.ts'
import { holds } from '../../support/holds.ts'

const run = (atMs: number, sentBytes?: number, receivedBytes?: number) => ({
  atMs,
  connections: 1,
  ...(sentBytes !== undefined && { sentBytes }),
  ...(receivedBytes !== undefined && { receivedBytes }),
})

t.test('uncounted runs are left out, and none counted is no volume', async (t) => {
  t.equal(volumeOf([]), undefined)
  t.equal(volumeOf([run(1), run(2)]), undefined)
  t.strictSame(volumeOf([run(1), run(2, 10), run(3, 30)]), {
    runs: 2,
    sentBytesMedian: 20,
    sentBytesMax: 30,
    sentBytesTotal: 40,
  })
})

t.test('the share is of runs that know both sides', async (t) => {
  const volume = volumeOf([run(1, 900, 100), run(2, 9_000)])
  t.match(volume, { sentShare: 0.9, receivedBytesMedian: 100 })
})

t.test('the trend compares the newer half with the older', async (t) => {
  const growing = [1, 2, 3, 4, 5, 6].map((n) => run(n, n * 100))
  t.equal(volumeOf(growing)?.trendRatio, 2.5)
  t.equal(volumeOf(growing.slice(0, 5))?.trendRatio, undefined, 'five runs have no trend')
})

t.test('properties', async (t) => {
  const runs = fc.array(fc.record({ sent: fc.nat(), received: fc.nat() }), { minLength: 1 })
  const bounded = fc.property(runs, (list) => {
    const volume = volumeOf(list.map(({ sent, received }, i) => run(i, sent, received)))
    if (volume === undefined) return false
    const { sentBytesMedian, sentBytesMax, sentBytesTotal, sentShare = 0 } = volume
    return (
      sentBytesMedian <= sentBytesMax &&
      sentBytesMax <= sentBytesTotal &&
      sentShare >= 0 &&
      sentShare <= 1
    )
  })
  holds(t, 'median, largest and total are in order, and the share is 0 to 1', bounded)
})
