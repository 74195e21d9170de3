/**
 * Translates the time fields of a crontab line to the patterns of `Timing`. Pure.
 *
 * Vixie cron and cronie look at the first character of a field, and not at what it means: a day field
 * that starts with `*` (also as a step, every second day) joins the other day field by "and" where
 * two others join by "or"; an hour or minute that starts with `*` makes a rule that keeps its beat
 * through a change of the clocks.
 * @see https://man7.org/linux/man-pages/man5/crontab.5.html
 */
import type { Timing } from '../event.ts'
import { malformed, type Parsed, parsed } from '../parsed.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

interface FieldKind {
  readonly name: string
  readonly low: number
  readonly high: number
  /** `jan` is 1, `sun` is 0: three letters each, from `low` on. */
  readonly names?: string
  /** What a random choice in it amounts to as a delay after its lowest value. */
  readonly stepMs?: number
}

const FIELDS: readonly FieldKind[] = [
  { name: 'minute', low: 0, high: 59, stepMs: MINUTE_MS },
  { name: 'hour', low: 0, high: 23, stepMs: HOUR_MS },
  { name: 'day of month', low: 1, high: 31 },
  { name: 'month', low: 1, high: 12, names: 'janfebmaraprmayjunjulaugsepoctnovdec' },
  // 7 is Sunday too.
  { name: 'day of week', low: 0, high: 7, names: 'sunmontuewedthufrisat' },
]

/** Five fields each, as the manual has them. */
const NICKNAMES: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
])

/**
 * @param trigger five fields, or a nickname
 * @returns a value of `undefined` for what no clock foretells: `@reboot`, a day chosen at random
 */
export function cronTiming(trigger: string, timeZone?: string): Parsed<Timing | undefined> {
  const nickname = trigger.toLowerCase()
  if (nickname === '@reboot') return parsed(undefined)
  const texts = (NICKNAMES.get(nickname) ?? trigger).split(/[ \t]+/)
  if (texts.length !== FIELDS.length) return malformed(`${texts.length} time fields, wants 5`)
  const fields: Field[] = []
  for (const [i, kind] of FIELDS.entries()) {
    const field = parseField(texts[i] ?? '', kind)
    if (field === undefined) return malformed(`no such ${kind.name}`)
    fields.push(field)
  }
  const randomDelayMs = fields.reduce((sum, field) => sum + field.randomDelayMs, 0)
  if (!Number.isFinite(randomDelayMs)) return parsed(undefined)
  return parsed({
    kind: 'calendar',
    patterns: [
      patternOf(
        fields.map((field) => field.text),
        texts,
      ),
    ],
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(randomDelayMs === 0 ? {} : { randomDelayMs }),
  })
}

/** @param written the fields as their author wrote them: their first character decides */
function patternOf(
  [minute = '', hour = '', day = '', month = '', weekday = '']: readonly string[],
  written: readonly string[],
): string {
  const isStep = (text = '') => text.startsWith('*') && text !== '*'
  const isAnd = weekday !== '*' && (isStep(written[2]) || isStep(written[4]))
  return `0 ${minute} ${hour} ${day} ${month} ${isAnd ? '+' : ''}${weekday}`
}

interface Field {
  readonly text: string
  /** Infinite where a random choice can't be told as a delay. */
  readonly randomDelayMs: number
}

const RANGE = /^(?:\*|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/
/** cronie chooses once, when it reads the file. */
const RANDOM = /^(\w*)~(\w*)(?:\/(\d+))?$/

function parseField(text: string, kind: FieldKind): Field | undefined {
  const random = RANDOM.exec(text)
  if (random) return parseRandom(random, kind)
  const parts: string[] = []
  for (const item of text.split(',')) {
    const part = parseRange(item, kind, text.startsWith('*'))
    if (part === undefined) return undefined
    parts.push(part)
  }
  // `*,5` is all of them, and must look so.
  return { text: parts.includes('*') ? '*' : parts.join(','), randomDelayMs: 0 }
}

function parseRandom([, from = '', to = '', step]: RegExpExecArray, kind: FieldKind) {
  const low = from === '' ? kind.low : numberOf(from, kind)
  const high = to === '' ? kind.high : numberOf(to, kind)
  if (low === undefined || high === undefined || low > high) return undefined
  // With a step the offset is chosen, and the values go on from it.
  const span = step === undefined ? high - low : Math.min(Number(step), high - low + 1) - 1
  const text = step === undefined ? String(low) : expand(low, high, Number(step))
  if (text === undefined) return undefined
  return { text, randomDelayMs: span <= 0 ? 0 : span * (kind.stepMs ?? Number.POSITIVE_INFINITY) }
}

/** @param mayStep keeps a step as such: to the library it is a rule that keeps its beat */
function parseRange(item: string, kind: FieldKind, mayStep: boolean): string | undefined {
  const match = RANGE.exec(item)
  if (match === null) return undefined
  const [, from, to, step] = match
  if (from === undefined) return step === undefined ? '*' : stepOf(Number(step), kind)
  const low = numberOf(from, kind)
  const high = to === undefined ? (step === undefined ? low : kind.high) : numberOf(to, kind)
  if (low === undefined || high === undefined || low > high) return undefined
  if (step === undefined) return low === high ? String(low) : `${low}-${high}`
  if (mayStep && low < high) return stepWithin(low, high, Number(step))
  return expand(low, high, Number(step))
}

function stepOf(step: number, { low, high, names }: FieldKind): string | undefined {
  if (step === 0) return undefined
  // A week has seven days, also to the library, and eight numbers for cron.
  if (names?.startsWith('sun')) return step === 1 ? '*' : expand(0, 6, step)
  // A step past the end leaves the lowest value; the library refuses it.
  return `*/${Math.min(step, high - low + 1)}`
}

const stepWithin = (low: number, high: number, step: number): string | undefined =>
  step === 0 ? undefined : step > high - low ? String(low) : `${low}-${high}/${step}`

function expand(low: number, high: number, step: number): string | undefined {
  if (step === 0) return undefined
  const values: number[] = []
  for (let value = low; value <= high; value += step) values.push(value)
  return values.join(',')
}

function numberOf(text: string, { low, high, names = '' }: FieldKind): number | undefined {
  if (/^\d{1,2}$/.test(text)) {
    const value = Number(text)
    return value >= low && value <= high ? value : undefined
  }
  const index = text.length === 3 ? names.indexOf(text.toLowerCase()) : -1
  return index >= 0 && index % 3 === 0 ? low + index / 3 : undefined
}
