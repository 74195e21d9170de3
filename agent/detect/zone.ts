/**
 * Local wall-clock time, fast. `Intl` is the only source of time-zone rules, and costs microseconds a
 * call; here a zone's offset changes are looked up once for each stretch of time and kept, so that
 * thousands of instants are turned into local time by a comparison each.
 *
 * An unknown zone reads as UTC: a wrong name in a configuration must not stop detection.
 */
import type { EpochMs } from '../../platform/event.ts'

const HOUR = 3_600_000
export const DAY = 24 * HOUR
/** No zone has changed its offset twice within this span since the epoch. */
const STRIDE = 7 * DAY
/** Beyond these `Intl` knows no more than a constant offset. */
const OLDEST = Date.UTC(1970, 0, 1)
const NEWEST = Date.UTC(2100, 0, 1)
/** Zones kept; a host has one, a recording few. */
const MAX_ZONES = 64

export interface Zone {
  /** Adds to UTC to give local wall-clock ms. */
  offsetMs(atMs: EpochMs): number
}

interface Table {
  /** Ascending instants from which `offsets` at the same index holds. */
  readonly from: number[]
  readonly offsets: number[]
  untilMs: number
}

const zones = new Map<string, Zone>()

/** The zone of that IANA name; made once, then shared. */
export function zoneOf(name: string): Zone {
  const known = zones.get(name)
  if (known) return known
  const zone = makeZone(name)
  if (zones.size >= MAX_ZONES) zones.clear()
  zones.set(name, zone)
  return zone
}

function makeZone(name: string): Zone {
  const slow = slowOffset(name)
  const years = new Map<number, Table>()
  let last: Table | undefined
  let lastFrom = 0
  return {
    offsetMs(atMs) {
      if (last === undefined || atMs < lastFrom || atMs >= last.untilMs) {
        const bounded = Math.min(Math.max(atMs, OLDEST), NEWEST)
        if (Number.isNaN(bounded)) return 0
        const year = Math.floor((bounded - OLDEST) / (365 * DAY))
        lastFrom = OLDEST + year * 365 * DAY
        last = years.get(year) ?? tableOf(slow, lastFrom, lastFrom + 365 * DAY)
        years.set(year, last)
        if (bounded !== atMs) {
          last = undefined
          return slow(bounded)
        }
      }
      let at = last.from.length - 1
      while (at > 0 && atMs < (last.from[at] as number)) at--
      return last.offsets[at] as number
    },
  }
}

/** All changes of `slow` between two instants, each found to the second by bisection. */
function tableOf(slow: (atMs: number) => number, fromMs: number, untilMs: number): Table {
  const table: Table = { from: [fromMs], offsets: [slow(fromMs)], untilMs }
  let offset = slow(fromMs)
  for (let at = fromMs; at < untilMs; at += STRIDE) {
    const end = Math.min(at + STRIDE, untilMs)
    const next = slow(end)
    if (next === offset) continue
    let low = at
    let high = end
    while (high - low > 1000) {
      const middle = low + Math.floor((high - low) / 2000) * 1000
      if (slow(middle) === offset) low = middle
      else high = middle
    }
    table.from.push(high)
    table.offsets.push(next)
    offset = next
  }
  return table
}

function slowOffset(name: string): (atMs: number) => number {
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
  } catch {
    return () => 0
  }
  return (atMs) => {
    const parts = format.formatToParts(atMs)
    const text = parts.find((part) => part.type === 'timeZoneName')?.value ?? ''
    const [, sign = '+', hours = '0', minutes = '0', seconds = '0'] =
      /GMT([+-])(\d+):?(\d+)?:?(\d+)?/.exec(text) ?? []
    const ms = (Number(hours) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1000
    return sign === '-' ? -ms : ms
  }
}

/** Days since Monday 1969-12-29 (local): `% 7` is 0 on Mondays. */
export const dayNumber = (localMs: number): number => Math.floor(localMs / DAY) + 3
