/**
 * Time stamps of syslog: RFC 3339, and the traditional "Nov 24 18:00:01" that names neither year nor
 * zone. Pure: the reading time and the zone of the writing host are handed in.
 */
import type { EpochMs } from '../event.ts'

export interface ReadingTime {
  /** When the line is read: dates what names no year. */
  readonly nowMs: EpochMs
  /** IANA name of the zone that the host writes its log in. */
  readonly timeZone: string
}

/** A wall clock's reading: its parts as if it were UTC, ms. */
type WallMs = number

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
/** A stamp this little ahead of the reading time is a clock that was set back, not last year's. */
const AHEAD_MS = DAY_MS
/** The longest span without a 29 February, years (1896 to 1904). */
const MAX_YEARS_BACK = 8

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec'
const TRADITIONAL = /^([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?$/
const RFC_3339 =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/

/** Reads either form; `undefined` where it is no date. */
export function parseSyslogTime(text: string, reading: ReadingTime): EpochMs | undefined {
  const traditional = TRADITIONAL.exec(text)
  if (traditional) {
    const [, month = '', day = '', ...clock] = traditional
    const index = MONTHS.indexOf(month)
    if (index < 0 || index % 3 !== 0) return undefined
    return withYear(index / 3, Number(day), clock, reading)
  }
  const [, year, month, day, ...rest] = RFC_3339.exec(text) ?? []
  if (year === undefined) return undefined
  const wallMs = wallTime(Number(year), Number(month) - 1, Number(day), rest)
  if (wallMs === undefined) return undefined
  const zone = rest[4]
  return zone === undefined ? fromWall(wallMs, reading) : wallMs - zoneOffsetMs(zone)
}

/** The latest such date that is not ahead of the reading time: a log of December read in January. */
function withYear(
  month: number,
  day: number,
  clock: readonly (string | undefined)[],
  reading: ReadingTime,
): EpochMs | undefined {
  const thisYear = new Date(reading.nowMs + DAY_MS).getUTCFullYear()
  for (let year = thisYear; year >= thisYear - MAX_YEARS_BACK; year--) {
    const wallMs = wallTime(year, month, day, clock)
    const atMs = wallMs === undefined ? undefined : fromWall(wallMs, reading)
    if (atMs !== undefined && atMs <= reading.nowMs + AHEAD_MS) return atMs
  }
  return undefined
}

function wallTime(
  year: number,
  month: number,
  day: number,
  [hour = '', minute = '', second = '', fraction = '']: readonly (string | undefined)[],
): WallMs | undefined {
  const ms = Number(fraction.padEnd(3, '0').slice(0, 3))
  // A leap second is told as the one before it.
  const clock = [Number(hour), Number(minute), Math.min(Number(second), 59), ms] as const
  const wall = new Date(Date.UTC(year, month, day, ...clock))
  const isReal = wall.getUTCMonth() === month && wall.getUTCDate() === day
  return isReal && clock[0] < 24 && clock[1] < 60 ? wall.getTime() : undefined
}

const zoneOffsetMs = (zone: string): number => {
  if (zone === 'Z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  return (zone.startsWith('-') ? -minutes : minutes) * MINUTE_MS
}

/**
 * The instant of a wall clock's reading. Of the two in an hour that is repeated, the later that is
 * not ahead of the reading time: a line that is followed live is read at once.
 */
function fromWall(wallMs: WallMs, { nowMs, timeZone }: ReadingTime): EpochMs {
  const before = offsetMs(wallMs - DAY_MS, timeZone)
  const after = offsetMs(wallMs + DAY_MS, timeZone)
  const [early, late] = [wallMs - Math.max(before, after), wallMs - Math.min(before, after)]
  const isReal = (atMs: EpochMs) => atMs + offsetMs(atMs, timeZone) === wallMs
  if (isReal(late) && (late <= nowMs + MINUTE_MS || !isReal(early))) return late
  return early
}

/** Zones change their offset at whole quarters of an hour only. */
const QUARTER_MS = 15 * MINUTE_MS
/** A computed offset costs 10 µs, a remembered one 0.1: logs are read by the million lines. */
const MAX_REMEMBERED = 4096
const remembered = new Map<string, number>()
const formats = new Map<string, Intl.DateTimeFormat>()

function offsetMs(atMs: EpochMs, timeZone: string): number {
  if (timeZone === 'UTC') return 0
  const quarter = Math.floor(atMs / QUARTER_MS)
  const key = `${quarter} ${timeZone}`
  const known = remembered.get(key)
  if (known !== undefined) return known
  if (remembered.size >= MAX_REMEMBERED) remembered.clear()
  const computed = computeOffsetMs(quarter * QUARTER_MS, timeZone)
  remembered.set(key, computed)
  return computed
}

function computeOffsetMs(atMs: EpochMs, timeZone: string): number {
  let format = formats.get(timeZone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
    formats.set(timeZone, format)
  }
  const name = format.formatToParts(atMs).find((part) => part.type === 'timeZoneName')?.value
  return name === undefined || name === 'GMT' ? 0 : zoneOffsetMs(name.slice(3, 9))
}
