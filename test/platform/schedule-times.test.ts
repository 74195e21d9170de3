import fc from 'fast-check'
import t from 'tap'
import type { Timing } from '../../platform/event.ts'
import { fireTimes, isPattern, nextFire } from '../../platform/schedule-times.ts'
import { holds } from '../support/holds.ts'

const at = (iso: string): number => Date.parse(iso)
const HOUR_MS = 3_600_000
const calendar = (...patterns: string[]): Timing => ({ kind: 'calendar', patterns })
const isoTimes = (timing: Timing, from: string, to: string, zone = 'UTC', limit = 100) =>
  fireTimes(timing, at(from), at(to), zone, limit).map((ms) =>
    new Date(ms).toISOString().slice(0, 16),
  )

t.test('fires from the start of a span up to its end', async (t) => {
  const times = isoTimes(calendar('0 0 * * * *'), '2026-01-01T00:00:00Z', '2026-01-01T02:00:00Z')
  t.strictSame(times, ['2026-01-01T00:00', '2026-01-01T01:00'])
})

t.test('an instant on which two patterns fall is one', async (t) => {
  const timing = calendar('0 0 * * * *', '0 */30 * * * *')
  const times = isoTimes(timing, '2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z')
  t.strictSame(times, ['2026-01-01T00:00', '2026-01-01T00:30'])
})

t.test('two days are joined by "or", and by "and" where the pattern says so', async (t) => {
  const days = (pattern: string) =>
    isoTimes(calendar(pattern), '2026-06-01T00:00:00Z', '2026-06-10T00:00:00Z').map((iso) =>
      iso.slice(8, 10),
    )
  t.strictSame(days('0 0 0 2 * 1'), ['01', '02', '08'])
  t.strictSame(days('0 0 0 */2 * +1'), ['01'])
})

t.test('a rule’s own zone counts before the host’s', async (t) => {
  const tokyo: Timing = { kind: 'calendar', patterns: ['0 0 9 * * *'], timeZone: 'Asia/Tokyo' }
  const span = ['2026-01-01T00:00:00Z', '2026-01-01T12:00:00Z'] as const
  t.strictSame(isoTimes(tokyo, ...span, 'Europe/Berlin'), ['2026-01-01T00:00'])
  t.strictSame(isoTimes(calendar('0 0 9 * * *'), ...span, 'Europe/Berlin'), ['2026-01-01T08:00'])
})

t.test('daylight saving goes as in Vixie cron', async (t) => {
  const night = (pattern: string, day: string) =>
    isoTimes(
      calendar(pattern),
      `2026-${day}T00:00:00Z`,
      `2026-${day}T03:00:00Z`,
      'Europe/Berlin',
    ).map((iso) => iso.slice(11))
  t.strictSame(night('0 30 2 * * *', '03-29'), ['01:00'], 'skipped: right after the gap')
  t.strictSame(night('0 */30 2 * * *', '03-29'), [], 'a beat is not in the skipped hour')
  t.strictSame(night('0 30 2 * * *', '10-25'), ['00:30'], 'repeated: once')
  t.strictSame(night('0 */30 2 * * *', '10-25'), ['00:00', '00:30', '01:00', '01:30'])
})

t.test('an interval is counted from its last run', async (t) => {
  const timing: Timing = { kind: 'interval', everyMs: HOUR_MS, since: 'start' }
  t.equal(nextFire(timing, 5, 'UTC'), 5 + HOUR_MS)
  t.strictSame(fireTimes(timing, 0, 3 * HOUR_MS, 'UTC', 9), [HOUR_MS, 2 * HOUR_MS])
  t.equal(nextFire({ ...timing, everyMs: 0 }, 5, 'UTC'), undefined)
})

t.test('what happens once is in a span, or not', async (t) => {
  const timing: Timing = { kind: 'once', atMs: 1000 }
  t.strictSame(fireTimes(timing, 1000, 1001, 'UTC', 9), [1000])
  t.strictSame(fireTimes(timing, 1001, 9000, 'UTC', 9), [])
})

t.test('what can’t be, or can’t be read, never fires', async (t) => {
  t.equal(nextFire(calendar('0 0 0 30 2 *'), 0, 'UTC'), undefined)
  t.equal(nextFire(calendar('0 0 0 1 1 * 2020'), at('2026-01-01T00:00:00Z'), 'UTC'), undefined)
  t.equal(nextFire(calendar('nonsense'), 0, 'UTC'), undefined)
  t.equal(nextFire(calendar('0 0 0 * * *'), 0, 'Nowhere/Town'), undefined)
  t.equal(nextFire(calendar(), 0, 'UTC'), undefined)
  t.strictSame([isPattern('0 0 0 * * *'), isPattern('0 0 0 * *')], [true, false])
})

t.test('properties', async (t) => {
  const field = (max: number) => fc.oneof(fc.constant('*'), fc.nat(max).map(String))
  const timing = fc
    .tuple(field(59), field(59), field(23))
    .map(([s, m, h]) => calendar(`${s} ${m} ${h} * * *`))
  const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe')
  const ascending = fc.property(timing, zone, fc.nat(2 ** 40), (some, name, fromMs) => {
    const times = fireTimes(some, fromMs, fromMs + 48 * HOUR_MS, name, 50)
    return times.every((ms, i) => ms >= fromMs && ms > (times[i - 1] ?? fromMs - 1))
  })
  holds(t, 'times ascend, and none is before the span', ascending)

  const parts = fc.property(
    timing,
    zone,
    fc.nat(2 ** 40),
    fc.nat(24),
    (some, name, fromMs, hours) => {
      const [midMs, endMs] = [fromMs + hours * HOUR_MS, fromMs + 25 * HOUR_MS]
      const split = [
        ...fireTimes(some, fromMs, midMs, name, 40),
        ...fireTimes(some, midMs, endMs, name, 40),
      ]
      t.strictSame(split.slice(0, 20), fireTimes(some, fromMs, endMs, name, 40).slice(0, 20))
    },
  )
  holds(t, 'a span in two parts has the same times', parts)
})
