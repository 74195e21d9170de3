import fc from 'fast-check'
import t from 'tap'
import { seriesColumns } from '../../../agent/hunt/series-columns.ts'
import { holds } from '../../support/holds.ts'

t.test('numbers series in the order in which they come', async (t) => {
  const series = seriesColumns()
  const key = { source: 1, destination: 2, port: 886 }
  t.equal(series.find(key), undefined)
  t.equal(series.add(key), 0)
  t.equal(series.find(key), 0)
  t.equal(series.find({ ...key, port: 887 }), undefined)
  t.equal(series.columns.port[0], 886)
})

t.test('keeps its values when it grows', async (t) => {
  const series = seriesColumns()
  for (let i = 0; i < 10_000; i++) {
    const id = series.add({ source: i % 7, destination: i, port: 160 })
    series.columns.lastMs[id] = i + 0.25
  }
  t.equal(series.size, 10_000)
  for (let i = 0; i < 10_000; i += 999) {
    const id = series.find({ source: i % 7, destination: i, port: 160 })
    t.equal(id, i)
    t.equal(series.columns.lastMs[i], i + 0.25)
  }
})

t.test('properties', async (t) => {
  const key = fc.record({ source: fc.nat(9), destination: fc.nat(9), port: fc.nat(3) })
  const likeAMap = fc.property(fc.array(key, { maxLength: 300 }), (keys) => {
    const series = seriesColumns()
    const known = new Map<string, number>()
    for (const one of keys) {
      const id = series.find(one) ?? series.add(one)
      const text = JSON.stringify([one.source, one.destination, one.port])
      if (id !== (known.get(text) ?? id)) return false
      known.set(text, id)
    }
    return series.size === known.size
  })
  holds(t, 'finds what a map would find', likeAMap)
})
