import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import t from 'tap'
import { parseCalendar } from '../../../platform/linux/systemd-calendar.ts'
import { fireTimes, isPattern } from '../../../platform/schedule-times.ts'
import { holds } from '../../support/holds.ts'

const reads: Record<string, object> = {
  minutely: { patterns: ['0 * * * * *'] },
  weekly: { patterns: ['0 0 0 * * 1'] },
  'Mon..Fri *-*-* 02:30': { patterns: ['0 30 2 * * 1-5'] },
  'Sun,Mon-Tue 10:00': { patterns: ['0 0 10 * * 0-2'] },
  '*:0/15': { patterns: ['0 0,15,30,45 * * * *'] },
  '*-*-1..7,31 4:5:6': { patterns: ['6 5 4 1-7,31 * *'] },
  'Mon *-*-01': { patterns: ['0 0 0 1 * +1'] },
  '2026..2028-12-24 18:00 Europe/Berlin': {
    patterns: ['0 0 18 24 12 * 2026-2028'],
    timeZone: 'Europe/Berlin',
  },
  '2026-12-24T18:00:07.9': { patterns: ['7 0 18 24 12 * 2026'] },
  '*-04~01': { patterns: ['0 0 0 30 4 *'] },
  'Mon *-05~07/1': { patterns: ['0 0 0 25-31 5 +1'] },
  'daily UTC': { patterns: ['0 0 0 * * *'], timeZone: 'UTC' },
  '@1700000000': { kind: 'once', atMs: 1_700_000_000_000 },
}
for (const [expression, value] of Object.entries(reads)) {
  t.test(`reads ${expression}`, async (t) => {
    t.match(parseCalendar(expression), { ok: true, value })
  })
}

const refuses = [
  '',
  'often',
  '*:*/15',
  '24:00',
  '10',
  'Fri..Mon',
  '*-13-1',
  '*-*-0',
  '*:0/0',
  '1 2 3',
]
for (const expression of refuses) {
  t.test(`refuses ${JSON.stringify(expression)}`, async (t) => {
    t.match(parseCalendar(expression), { ok: false, reason: /calendar/ })
  })
}

const ITERATIONS = 5
const BASE = '2026-02-10 11:22:33 UTC'
const analyze = (expressions: readonly string[]) =>
  spawnSync(
    'systemd-analyze',
    ['calendar', `--base-time=${BASE}`, `--iterations=${ITERATIONS}`, ...expressions],
    { encoding: 'utf8', env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' } },
  )
const missing = analyze(['daily']).error === undefined ? false : 'no systemd-analyze on this host'

/** What systemd says of each expression it reads, by the expression. */
function systemdTimes(expressions: readonly string[]): Map<string, number[]> {
  const blocks = analyze(expressions).stdout.split(/\n\n/)
  return new Map(
    blocks.flatMap((block) => {
      const original = /Original form: (.*)|Normalized form: (.*)/.exec(block)
      const elapses = block.matchAll(
        /(?:Next elapse|Iter(?:ation|\.) #\d+|\(in UTC\)): \w{3} (\S+) (\S+) UTC/g,
      )
      const times = Array.from(elapses, ([, date, time]) => Date.parse(`${date}T${time}Z`))
      return original ? [[original[1] ?? original[2] ?? '', times] as const] : []
    }),
  )
}

function ourTimes(expression: string): number[] {
  const timing = parseCalendar(expression)
  const baseMs = Date.parse('2026-02-10T11:22:34Z')
  return timing.ok ? fireTimes(timing.value, baseMs, baseMs + 7e12, 'UTC', ITERATIONS) : []
}

const SAME = [
  ...Object.keys(reads).filter((expression) => !/[@T.]\d/.test(expression)),
  'hourly',
  'quarterly',
  'semiannually',
  'yearly',
  '*-*~01',
  '*-*~03 12:00',
  '*-02~01..03',
  '*-*~5/2',
  'Thu *-*~7/1',
  '2027..2029-02~1 6:00',
  '*-*-31 12:0',
  '*-02-29',
  'Sat *-2-29',
  '*-*-* 00/2:00:00 Asia/Kolkata',
  '99-1-1',
  '30-1-1',
  '*:*:0/30',
  '*-1,7-1',
  '2026-1..3-1',
]

t.test('fires when systemd says that it does', { skip: missing }, async (t) => {
  const theirs = systemdTimes(SAME)
  for (const expression of SAME) {
    t.strictSame(ourTimes(expression), theirs.get(expression), expression)
  }
})

const part = (low: number, high: number) => {
  const value = fc.integer({ min: low, max: high })
  const pad = (n: number) => String(n).padStart(2, '0')
  const item = fc.oneof(
    value.map(pad),
    fc.tuple(value, value).map((ends) => {
      const [from = low, to = high] = ends.sort((a, b) => a - b)
      return from === to ? pad(from) : `${pad(from)}..${pad(to)}`
    }),
    fc
      .tuple(value, fc.integer({ min: 1, max: 9 }))
      .filter(([from, step]) => from + step <= high)
      .map(([from, step]) => `${pad(from)}/${step}`),
  )
  const list = fc.uniqueArray(item, { minLength: 1, maxLength: 3 }).map((items) => items.join(','))
  return fc.oneof(fc.constant('*'), list)
}
const weekdays = fc.constantFrom('', '', 'Mon ', 'Tue..Thu ', 'Sat,Sun ', 'Mon,Wed..Fri ')
const anyCalendar = fc
  .tuple(
    weekdays,
    part(1, 12),
    fc.constantFrom('-', '-', '~'),
    part(1, 27),
    part(0, 23),
    part(0, 59),
  )
  .filter(([, , separator, day]) => separator === '-' || day !== '*')
  .map(([days, month, separator, day, h, m]) => `${days}*-${month}${separator}${day} ${h}:${m}:00`)

t.test('agrees with systemd on generated expressions', { skip: missing }, async (t) => {
  // One process for all: a start costs more than the question.
  const all = fc.sample(anyCalendar, 200)
  const theirs = systemdTimes(all)
  const readable = all.filter((expression) => theirs.has(expression))
  t.ok(readable.length > 100, `${readable.length} are read by both`)
  for (const expression of readable) {
    t.strictSame(ourTimes(expression), theirs.get(expression), expression)
  }
})

t.test('properties', async (t) => {
  holds(
    t,
    'never throws',
    fc.property(fc.string({ unit: 'binary' }), (s) => void parseCalendar(s)),
  )
  const readable = fc.property(anyCalendar, (expression) => {
    const timing = parseCalendar(expression)
    return timing.ok && timing.value.kind === 'calendar' && timing.value.patterns.every(isPattern)
  })
  holds(t, 'every pattern can be read by the library', readable)
})
