import fc from 'fast-check'
import t from 'tap'
import { parseSyslogTime } from '../../../platform/linux/syslog-time.ts'
import { holds } from '../../support/holds.ts'

const at = (iso: string) => Date.parse(iso)
const UTC = { nowMs: at('2026-11-24T18:00:00Z'), timeZone: 'UTC' }
const BERLIN = { ...UTC, timeZone: 'Europe/Berlin' }

const reads: [string, typeof UTC, string][] = [
  ['Nov 24 17:59:01', UTC, '2026-11-24T17:59:01Z'],
  ['Nov  4 17:59:01', UTC, '2026-11-04T17:59:01Z'],
  ['Mar 23 23:01:18.123', UTC, '2026-03-23T23:01:18.123Z'],
  ['Nov 24 18:00:00', BERLIN, '2026-11-24T17:00:00Z'],
  ['Jul 24 18:00:00', BERLIN, '2026-07-24T16:00:00Z'],
  ['Dec 31 23:59:59', { ...UTC, nowMs: at('2027-01-01T00:00:01Z') }, '2026-12-31T23:59:59Z'],
  // A reading time that is not yet in the year which the writer's zone is in.
  ['Jan  1 00:30:00', { ...BERLIN, nowMs: at('2026-12-31T23:30:10Z') }, '2026-12-31T23:30:00Z'],
  ['Nov 25 04:00:00', UTC, '2026-11-25T04:00:00Z'],
  ['Nov 26 04:00:00', UTC, '2025-11-26T04:00:00Z'],
  ['Feb 29 01:15:43', UTC, '2024-02-29T01:15:43Z'],
  ['2023-02-03T12:35:01.704806-05:00', UTC, '2023-02-03T17:35:01.704Z'],
  ['1986-04-26T01:23:45.101+0400', UTC, '1986-04-25T21:23:45.101Z'],
  ['2021-03-06T04:07:38Z', BERLIN, '2021-03-06T04:07:38Z'],
  ['2019-06-14T10:40:20.912134', BERLIN, '2019-06-14T08:40:20.912Z'],
  ['2016-12-31T23:59:60Z', UTC, '2016-12-31T23:59:59Z'],
]
for (const [text, reading, iso] of reads) {
  t.test(`reads ${text} in ${reading.timeZone}`, async (t) => {
    t.equal(parseSyslogTime(text, reading), at(iso))
  })
}

for (const text of [
  '',
  'MMM 22 07:54:32',
  'anF 22 07:54:32',
  'Jan 32 07:54:32',
  'Feb 30 00:00:00',
]) {
  t.test(`refuses ${JSON.stringify(text)}`, async (t) => {
    t.equal(parseSyslogTime(text, UTC), undefined)
  })
}

t.test('tells the two passes of a repeated hour apart by the reading time', async (t) => {
  const read = (nowMs: number) => parseSyslogTime('Oct 25 02:30:00', { ...BERLIN, nowMs })
  t.equal(read(at('2026-10-25T00:30:01Z')), at('2026-10-25T00:30:00Z'), 'the first pass')
  t.equal(read(at('2026-10-25T01:30:01Z')), at('2026-10-25T01:30:00Z'), 'the second pass')
})

t.test('properties', async (t) => {
  const total = fc.property(fc.string({ unit: 'binary' }), (s) => void parseSyslogTime(s, UTC))
  holds(t, 'never throws', total)

  const MONTHS = [
    'Jan',
    'Feb',
    'Mar',
    'Apr',
    'May',
    'Jun',
    'Jul',
    'Aug',
    'Sep',
    'Oct',
    'Nov',
    'Dec',
  ]
  const readsBack = fc.property(
    fc.integer({ min: at('2001-01-01T00:00:00Z') / 1000, max: at('2035-01-01T00:00:00Z') / 1000 }),
    fc.nat(200 * 86_400),
    (second, laterS) => {
      const [, day, month, , time] = new Date(second * 1000).toUTCString().split(' ')
      const text = `${month} ${String(Number(day)).padStart(2)} ${time}`
      t.ok(MONTHS.includes(month ?? ''))
      const reading = { nowMs: (second + laterS) * 1000, timeZone: 'UTC' }
      t.equal(parseSyslogTime(text, reading), second * 1000)
    },
  )
  holds(t, 'a stamp read within 200 days is the instant that it was written', readsBack)
})
