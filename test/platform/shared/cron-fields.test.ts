import fc from 'fast-check'
import t from 'tap'
import { fireTimes, isPattern } from '../../../platform/schedule-times.ts'
import { cronTiming } from '../../../platform/shared/cron-fields.ts'
import { holds } from '../../support/holds.ts'

const MINUTE_MS = 60_000

const reads: Record<string, object> = {
  '17 * * * *': { patterns: ['0 17 * * * *'] },
  '*/15 9-17 * jan,Mar-MAY mon-fri': { patterns: ['0 */15 9-17 * 1,3-5 1-5'] },
  '0-30/10 8-20/4 * * *': { patterns: ['0 0,10,20,30 8,12,16,20 * * *'] },
  '5/20 * * * 7': { patterns: ['0 5,25,45 * * * 7'] },
  '*,5 * * * *': { patterns: ['0 * * * * *'] },
  '*/90 * * * *': { patterns: ['0 */60 * * * *'] },
  '0 0 1 * 1': { patterns: ['0 0 0 1 * 1'] },
  '0 0 */2 * 1': { patterns: ['0 0 0 */2 * +1'] },
  '0 0 1-7 * */7': { patterns: ['0 0 0 1-7 * +0'] },
  '0 0 1-31 * 1': { patterns: ['0 0 0 1-31 * 1'] },
  '0~30 2 * * *': { patterns: ['0 0 2 * * *'], randomDelayMs: 30 * MINUTE_MS },
  '~ ~ * * *': { patterns: ['0 0 0 * * *'], randomDelayMs: (59 + 23 * 60) * MINUTE_MS },
  '@Daily': { patterns: ['0 0 0 * * *'] },
  '@weekly': { patterns: ['0 0 0 * * 0'] },
  '@hourly': { patterns: ['0 0 * * * *'] },
  '@annually': { patterns: ['0 0 0 1 1 *'] },
}
for (const [trigger, value] of Object.entries(reads)) {
  t.test(`reads ${trigger}`, async (t) => {
    t.strictSame(cronTiming(trigger), { ok: true, value: { kind: 'calendar', ...value } })
  })
}

t.test('no clock foretells a boot, nor a day at random', async (t) => {
  t.strictSame(cronTiming('@reboot'), { ok: true, value: undefined })
  t.strictSame(cronTiming('0 0 ~ * *'), { ok: true, value: undefined })
})

t.test('carries the zone that the crontab names', async (t) => {
  t.match(cronTiming('@daily', 'Asia/Tokyo'), { value: { timeZone: 'Asia/Tokyo' } })
})

const refuses: Record<string, RegExp> = {
  '60 * * * *': /minute/,
  '* 24 * * *': /hour/,
  '* * 0 * *': /day of month/,
  '* * * 13 *': /month/,
  '* * * feb-jan *': /month/,
  '* * * * 8': /day of week/,
  '* * * * sund': /day of week/,
  '* * * * unm': /day of week/,
  '*/0 * * * *': /minute/,
  '1, * * * *': /minute/,
  '30~10 * * * *': /minute/,
  '* * * *': /4 time fields/,
  '@often': /1 time field/,
}
for (const [trigger, reason] of Object.entries(refuses)) {
  t.test(`refuses ${trigger}`, async (t) => {
    t.match(cronTiming(trigger), { ok: false, reason })
  })
}

/** Vixie cron's own test of a minute, by the rules of its manual. */
interface Rule {
  readonly text: string
  readonly has: (value: number) => boolean
  readonly isStar: boolean
}
const rule = (low: number, high: number): fc.Arbitrary<Rule> => {
  const value = fc.integer({ min: low, max: high })
  const list = fc.uniqueArray(value, { minLength: 1, maxLength: 4 }).map((values) => ({
    text: values.join(','),
    has: (n: number) => values.includes(n),
    isStar: false,
  }))
  const range = fc.tuple(value, value, fc.integer({ min: 1, max: 9 })).map(([a, b, step]) => {
    const [from, to] = [Math.min(a, b), Math.max(a, b)]
    const has = (n: number) => n >= from && n <= to && (n - from) % step === 0
    return { text: `${from}-${to}/${step}`, has, isStar: false }
  })
  const step = fc.integer({ min: 1, max: 40 }).map((by) => ({
    text: `*/${by}`,
    has: (n: number) => (n - low) % by === 0,
    isStar: true,
  }))
  return fc.oneof(fc.constant({ text: '*', has: () => true, isStar: true }), list, range, step)
}

t.test('properties', async (t) => {
  const total = fc.property(fc.string({ unit: 'binary' }), (text) => void cronTiming(text))
  holds(t, 'never throws', total)
  const shaped = fc.string({ unit: fc.constantFrom(...'0123456789*/-,~ ajn@'), maxLength: 20 })
  const readable = fc.property(shaped, (text) => {
    const timing = cronTiming(text)
    const value = timing.ok ? timing.value : undefined
    return value?.kind !== 'calendar' || value.patterns.every(isPattern)
  })
  holds(t, 'every pattern can be read by the library', readable, { numRuns: 2000 })

  const fields = fc.tuple(rule(0, 59), rule(0, 23), rule(1, 31), rule(1, 12), rule(0, 6))
  const fromMs = Date.parse('2026-01-28T22:00:00Z')
  const agrees = fc.property(fields, fc.nat(3000), ([m, h, dom, month, dow], hours) => {
    const startMs = fromMs + hours * 60 * MINUTE_MS
    const endMs = startMs + 26 * 60 * MINUTE_MS
    const timing = cronTiming([m, h, dom, month, dow].map(({ text }) => text).join(' '))
    const ours =
      timing.ok && timing.value ? fireTimes(timing.value, startMs, endMs, 'UTC', 2000) : []
    const theirs: number[] = []
    for (let atMs = startMs; atMs < endMs; atMs += MINUTE_MS) {
      const at = new Date(atMs)
      const [isDom, isDow] = [dom.has(at.getUTCDate()), dow.has(at.getUTCDay())]
      const isDay = dom.isStar || dow.isStar ? isDom && isDow : isDom || isDow
      const isTime = m.has(at.getUTCMinutes()) && h.has(at.getUTCHours())
      if (isTime && isDay && month.has(at.getUTCMonth() + 1)) theirs.push(atMs)
    }
    t.strictSame(ours, theirs)
  })
  holds(t, 'fires in the minutes in which Vixie cron does', agrees, { numRuns: 200 })
})
