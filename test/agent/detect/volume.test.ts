import fc from 'fast-check'
import t from 'tap'
import { volume } from '../../../agent/detect/volume.ts'
import { holds } from '../../support/holds.ts'

const sent = (bytes: readonly number[], receivedBytes?: number) =>
  bytes.map((sentBytes, atMs) => ({
    atMs,
    sentBytes,
    connections: 1,
    ...(receivedBytes !== undefined && { receivedBytes }),
  }))

t.test('says how much, how steadily and which way', async (t) => {
  t.strictSame(volume(sent([100, 100, 100, 100], 300)), {
    counted: 4,
    totalSentBytes: 400,
    medianSentBytes: 100,
    dispersion: 0,
    trend: 0,
    sentShare: 0.25,
  })
  t.ok((volume(sent([100, 110, 200, 210]))?.trend ?? 0) > 0.9)
})

t.test('unknown is not zero', async (t) => {
  t.equal(volume([{ atMs: 1, connections: 1 }]), undefined)
  t.notOk('sentShare' in (volume(sent([1, 2, 3, 4])) ?? {}), 'no share without received bytes')
})

t.test('properties', async (t) => {
  const counts = fc.array(
    fc.oneof(fc.maxSafeNat(), fc.constantFrom(Number.NaN, -1, Number.POSITIVE_INFINITY)),
    { maxLength: 50 },
  )
  const total = fc.property(counts, counts, (ups, downs) => {
    const found = volume(
      ups.map((sentBytes, i) => ({
        atMs: i,
        sentBytes,
        receivedBytes: downs[i] ?? 0,
        connections: 1,
      })),
    )
    return found === undefined || Object.values(found).every((value) => Number.isFinite(value))
  })
  holds(t, 'any counts give numbers', total)
})
