import fc from 'fast-check'
import t from 'tap'
import { DAY, dayNumber, zoneOf } from '../../../agent/detect/zone.ts'
import { holds } from '../../support/holds.ts'

const HOUR = 3_600_000

t.test('the offset changes at the instant the law says', async (t) => {
  const berlin = zoneOf('Europe/Berlin')
  const change = Date.UTC(2026, 2, 29, 1)
  t.equal(berlin.offsetMs(change - 1000), HOUR)
  t.equal(berlin.offsetMs(change), 2 * HOUR)
  t.equal(zoneOf('Asia/Kolkata').offsetMs(change), 5.5 * HOUR)
  t.equal(zoneOf('Australia/Lord_Howe').offsetMs(Date.UTC(2026, 6, 1)), 10.5 * HOUR)
})

t.test('an unknown zone is UTC', async (t) => {
  t.equal(zoneOf('Mars/Olympus').offsetMs(0), 0)
})

t.test('days are counted from a Monday', async (t) => {
  t.equal(dayNumber(Date.UTC(2026, 2, 2)) % 7, 0)
  t.equal(dayNumber(Date.UTC(2026, 2, 8, 23)) % 7, 6)
})

t.test('properties', async (t) => {
  const names = fc.constantFrom(
    'Europe/Berlin',
    'America/New_York',
    'Australia/Sydney',
    'UTC',
    'Asia/Tehran',
  )
  const instant = fc.integer({ min: Date.UTC(1995, 0, 1), max: Date.UTC(2040, 0, 1) })
  const same = fc.property(names, instant, (timeZone, atMs) => {
    const parts = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      hour: 'numeric',
      minute: 'numeric',
    }).formatToParts(atMs)
    const read = (type: string): number => Number(parts.find((part) => part.type === type)?.value)
    const local = atMs + zoneOf(timeZone).offsetMs(atMs)
    const minutes = Math.floor((local - Math.floor(local / DAY) * DAY) / 60_000)
    return minutes === read('hour') * 60 + read('minute')
  })
  holds(t, 'it agrees with Intl', same)
  const total = fc.property(fc.double(), (atMs) =>
    Number.isFinite(zoneOf('Europe/Berlin').offsetMs(atMs)),
  )
  holds(t, 'any instant has an offset', total)
})
