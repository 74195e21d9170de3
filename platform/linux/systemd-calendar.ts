/**
 * Translates systemd's calendar expressions ("Mon..Fri *-*-* 02:30", "*-*~03", "quarterly") to the
 * patterns of `Timing`. Pure.
 *
 * A day that is counted from the end of the month (`~`) has no pattern of its own: it becomes one for
 * each length that a month can have. Fractions of a second are cut off.
 * @see https://www.freedesktop.org/software/systemd/man/latest/systemd.time.html
 */
import type { Timing } from '../event.ts'
import { malformed, type Parsed, parsed } from '../parsed.ts'

type Calendar = Extract<Timing, { kind: 'calendar' | 'once' }>

const SHORTHANDS: ReadonlyMap<string, string> = new Map([
  ['minutely', '*-*-* *:*:00'],
  ['hourly', '*-*-* *:00:00'],
  ['daily', '*-*-* 00:00:00'],
  ['monthly', '*-*-01 00:00:00'],
  ['weekly', 'Mon *-*-* 00:00:00'],
  ['yearly', '*-01-01 00:00:00'],
  ['annually', '*-01-01 00:00:00'],
  ['anually', '*-01-01 00:00:00'],
  ['quarterly', '*-01,04,07,10-01 00:00:00'],
  ['semiannually', '*-01,07-01 00:00:00'],
  ['semi-annually', '*-01,07-01 00:00:00'],
  ['biannually', '*-01,07-01 00:00:00'],
  ['bi-annually', '*-01,07-01 00:00:00'],
])
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']

const DATE = /^(?:([^-~]+)-)?([^-~]+)([-~])([^-~]+)$/
const TIME = /^([^:]+):([^:]+)(?::([^:]+))?$/
const ZONE = /^(?:UTC|[A-Z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)+|[A-Z]{3,4}|[A-Z]{3}\d[A-Z]{3})$/
const EPOCH = /^@(\d{1,12})(?:\.\d+)?$/

/** systemd looks no further. */
const MAX_YEAR = 2199

/** Every value, as a field of its own. */
const ALL = undefined
type Values = readonly number[] | typeof ALL

export function parseCalendar(expression: string): Parsed<Calendar> {
  const epoch = EPOCH.exec(expression.trim())?.[1]
  if (epoch !== undefined) return parsed({ kind: 'once', atMs: Number(epoch) * 1000 })
  const tokens = expression.trim().split(/\s+/)
  const last = tokens.at(-1) ?? ''
  const timeZone = tokens.length > 1 && ZONE.test(last) && !isWeekdays(last) ? last : undefined
  const words = timeZone === undefined ? tokens : tokens.slice(0, -1)
  const only = words.length === 1 ? SHORTHANDS.get(words[0]?.toLowerCase() ?? '') : undefined
  const patterns = patternsOf(
    only?.split(' ') ?? words.flatMap((word) => word.split(/(?<=\d)T(?=\d)/)),
  )
  if (patterns === undefined) return malformed('not a calendar expression')
  return parsed({ kind: 'calendar', patterns, ...(timeZone === undefined ? {} : { timeZone }) })
}

const isWeekdays = (word: string): boolean => /^[A-Za-z]/.test(word) && weekdays(word) !== undefined

function patternsOf(words: readonly string[]): string[] | undefined {
  const rest = [...words]
  const days = /^[A-Za-z]/.test(rest[0] ?? '') ? weekdays(rest.shift() ?? '') : '*'
  const date = rest[0]?.includes(':') === false ? rest.shift() : '*-*-*'
  const time = rest.shift() ?? '00:00:00'
  const dateMatch = DATE.exec(date ?? '')
  const timeMatch = TIME.exec(time)
  if (days === undefined || dateMatch === null || timeMatch === null || rest.length > 0) {
    return undefined
  }
  const [, year = '*', month = '', separator, day = ''] = dateMatch
  const [, hour = '', minute = '', second = '00'] = timeMatch
  const isFromEnd = separator === '~'
  const fields = [
    component(second, 0, 59),
    component(minute, 0, 59),
    component(hour, 0, 23),
    component(day, 1, 31, isFromEnd),
    component(month, 1, 12),
    component(year, 1970, MAX_YEAR),
  ] as const
  if (fields.includes(null)) return undefined
  // The check above leaves no null.
  const [s, m, h, d, months, years] = fields as readonly Values[]
  const clock = [s, m, h].map(spell).join(' ')
  const spans = isFromEnd && d !== ALL ? fromEnd(d, months, years) : [{ days: d, months, years }]
  return spans.map((span) => {
    // systemd wants both the date and the weekday to match.
    const weekday = days !== '*' && span.days !== ALL ? `+${days}` : days
    const pattern = `${clock} ${spell(span.days)} ${spell(span.months)} ${weekday}`
    return span.years === ALL ? pattern : `${pattern} ${spell(span.years)}`
  })
}

function weekdays(text: string): string | undefined {
  const days = new Set<number>()
  for (const item of text.replace(/,$/, '').split(',')) {
    const [from = '', to = from, ...more] = item.split(/\.\.|-/)
    const [low, high] = [weekday(from), weekday(to)]
    if (low < 1 || high < low || more.length > 0) return undefined
    for (let day = low; day <= high; day++) days.add(day % 7)
  }
  return spell([...days].sort((a, b) => a - b))
}

/** 1 is Monday and 7 Sunday, so that ranges end with it; 0 is none. */
function weekday(text: string): number {
  const name = text.toLowerCase()
  const index = WEEKDAYS.findIndex((day) => day === name || day.slice(0, 3) === name)
  return index === 0 ? 7 : Math.max(index, 0)
}

const ITEM = /^(\d+(?:\.\d+)?)(?:\.\.(\d+(?:\.\d+)?))?(?:\/(\d+(?:\.\d+)?))?$/

/** @returns null where it is none */
function component(text: string, low: number, high: number, isFromEnd = false): Values | null {
  if (text === '*') return ALL
  const values = new Set<number>()
  for (const item of text.split(',')) {
    const [, from = '', to, by] = ITEM.exec(item) ?? []
    const first = low === 1970 ? fullYear(Number(from)) : Number(from)
    const isEndless = to === undefined && by !== undefined
    // Counted from the end, an endless step goes on to the last day, which is 1.
    const end = to !== undefined ? Number(to) : isEndless ? (isFromEnd ? 1 : high) : first
    const step = by === undefined ? 1 : Number(by)
    if (from === '' || step === 0 || first < low || first > high || end > high) return null
    if (end < first && !(isEndless && isFromEnd)) return null
    const steps = Math.floor(Math.abs(end - first) / step + 1e-9)
    const sign = end < first ? -1 : 1
    for (let n = 0; n <= steps; n++) values.add(Math.floor(first + sign * n * step + 1e-9))
  }
  return [...values].sort((a, b) => a - b)
}

/** Two digits are of the century that POSIX gives them. */
const fullYear = (year: number): number =>
  year >= 100 ? year : year < 70 ? 2000 + year : 1900 + year

interface Span {
  readonly days: Values
  readonly months: Values
  readonly years: Values
}

const MONTHS_OF_31 = [1, 3, 5, 7, 8, 10, 12]
const MONTHS_OF_30 = [4, 6, 9, 11]
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)
const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0

function fromEnd(daysBack: readonly number[], months: Values, years: Values): Span[] {
  const within = (some: readonly number[]) =>
    some.filter((month) => months?.includes(month) ?? true)
  // Where all years count there must still be a list of those with a 29 February.
  const inYears = (isWanted: (year: number) => boolean) =>
    (years ?? range(2000, MAX_YEAR)).filter(isWanted)
  const lengths = [
    { length: 31, months: within(MONTHS_OF_31), years },
    { length: 30, months: within(MONTHS_OF_30), years },
    { length: 29, months: within([2]), years: inYears(isLeap) },
    { length: 28, months: within([2]), years: inYears((year) => !isLeap(year)) },
  ]
  return lengths
    .map(({ length, ...span }) => {
      const days = daysBack.map((back) => length + 1 - back).filter((day) => day > 0)
      return { days: days.sort((a, b) => a - b), ...span }
    })
    .filter((span) => span.days.length > 0 && span.months.length > 0 && span.years?.length !== 0)
}

/** Runs of values as ranges: `1-5,7`. */
function spell(values: Values): string {
  if (values === ALL) return '*'
  const runs: number[][] = []
  for (const value of values) {
    const run = runs.at(-1)
    if (run?.at(-1) === value - 1) run.push(value)
    else runs.push([value])
  }
  return runs.map((run) => (run.length < 2 ? `${run[0]}` : `${run[0]}-${run.at(-1)}`)).join(',')
}
