/**
 * Clocks that are set, hosts that sleep, and the two days a year that have no 24 hours: what recurs is
 * found through them, what does not is never made to recur by them, and no number goes wrong.
 */
import t from 'tap'
import { vigil } from '../../agent/vigil.ts'
import type { Event, Schedule } from '../../platform/event.ts'
import { type Random, random } from '../bench/families/random.ts'
import { eventTimePipeline } from '../support/event-time-pipeline.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** 2026-11-02 00:00 UTC, a Monday. */
const START = 1_793_577_600_000

const call = (atMs: number, ip = '203.0.113.9'): Event => ({
  ...{ kind: 'connection', phase: 'start', atMs, dataset: 'linux.audit' },
  ...{ destination: { ip, port: 443 }, process: { pid: 77, executable: '/usr/bin/curl' } },
  ...{ sentBytes: 50_000, receivedBytes: 100 },
})

/** What a host with such a clock sees: the losses of the vigil between the calls. */
function seen(moments: readonly { readonly wallMs: number; readonly monotonicMs: number }[]) {
  const watch = vigil()
  return moments.flatMap(({ wallMs, monotonicMs }): Event[] => {
    const jump = watch.look(wallMs, monotonicMs)
    return [...(jump === undefined ? [] : [jump]), call(wallMs)]
  })
}

function told(batches: readonly (readonly Event[])[], timeZone?: string) {
  const pipeline = eventTimePipeline(timeZone === undefined ? {} : { timeZone })
  batches.forEach((events, i) => {
    pipeline.see(events, String(i))
  })
  const { store } = pipeline
  for (const { detail, score, risk } of store.findings(100)) {
    t.ok(Number.isFinite(score) && Number.isFinite(risk), 'numbers are numbers')
    t.notMatch(detail, /null|NaN|Infinity/, 'and so is each piece of evidence')
  }
  return store
}

/** Calls at random; their clock is set to and fro by up to a day, a dozen times. */
function wandering({ whole, between, exponential, chance }: Random) {
  let [wallMs, monotonicMs] = [START + whole(0, DAY), 0]
  return Array.from({ length: 120 }, () => {
    const passedMs = 1_000 + exponential(20 * MINUTE)
    wallMs += passedMs
    monotonicMs += passedMs
    if (chance(0.1)) wallMs += between(-DAY, DAY)
    return { wallMs: Math.round(wallMs), monotonicMs }
  })
}

t.test('a clock that is set to and fro makes no beacon of irregular calls', async (t) => {
  const seeds = Array.from({ length: 25 }, (_, seed) => seed)
  const alerted = seeds.filter((seed) => {
    const events = seen(wandering(random(seed)))
    return told(events.map((event) => [event])).alerts(10).length > 0
  })
  t.ok(alerted.length <= 1, `${alerted.length} of ${seeds.length} hosts: ${alerted.join(', ')}`)
})

for (const [name, stepMs] of [
  ['forward by an hour', HOUR],
  ['back by an hour', -HOUR],
  ['back by a second', -1_000],
  ['back by a year', -365 * DAY],
] as const) {
  t.test(`a beacon is found through a clock that is set ${name}`, async (t) => {
    const moments = Array.from({ length: 60 }, (_, i) => {
      const monotonicMs = i * 15 * MINUTE
      return { wallMs: START + monotonicMs + (i < 30 ? 0 : stepMs), monotonicMs }
    })
    const store = told(seen(moments).map((event) => [event]))
    const alerts = store.alerts(10)
    t.ok(alerts.length >= 1 && alerts.length <= 2, `${alerts.length} alerts`)
    const periods = alerts.map(({ document }) => JSON.parse(document).tidewatch.period_ms)
    for (const periodMs of periods) t.ok(Math.abs(periodMs - 15 * MINUTE) < 2_000, `${periodMs}`)
  })
}

t.test('a laptop that sleeps each night has one beacon, and its nights are gaps', async (t) => {
  const moments: { wallMs: number; monotonicMs: number }[] = []
  let monotonicMs = 0
  for (let day = 0; day < 7; day++) {
    for (let i = 0; i < 40; i++, monotonicMs += 15 * MINUTE) {
      moments.push({ wallMs: START + day * DAY + 8 * HOUR + i * 15 * MINUTE, monotonicMs })
    }
    // Time that the monotonic clock counts while the machine falls asleep and wakes.
    monotonicMs += MINUTE - 15 * MINUTE
  }
  const store = told(seen(moments).map((event) => [event]))
  t.equal(store.alerts(10).length, 1)
  t.equal(store.gaps(0).length, 6, 'six nights')
  const { tidewatch } = JSON.parse(store.alerts(10)[0]?.document ?? '{}')
  t.ok(Math.abs(tidewatch.period_ms - 15 * MINUTE) < 2_000, `${tidewatch.period_ms}`)
})

for (const [season, first] of [
  ['spring', '2026-03-20T00:00:00Z'],
  ['autumn', '2026-10-16T00:00:00Z'],
] as const) {
  t.test(`a nightly job is one alert through the change of ${season}`, async (t) => {
    const schedule: Schedule = {
      ...{ id: 'job', scheduler: 'cron', trigger: '30 4 * * *', command: '/opt/backup.sh' },
      ...{ user: { id: '0', name: 'root' }, file: '/etc/crontab', line: 7 },
      timing: { kind: 'calendar', patterns: ['0 30 4 * * *'] },
    }
    const base = { atMs: Date.parse(first), dataset: 'test' }
    const found: Event = { kind: 'schedule-change', change: 'found', schedule, ...base }
    const nights = Array.from({ length: 20 }, (_, day) => [call(localMs(first, day, 4, 30))])
    const store = told([[found], ...nights], 'Europe/Berlin')
    t.equal(store.alerts(10).length, 1)
    t.match(JSON.parse(store.alerts(10)[0]?.document ?? '{}'), { tidewatch: { beats: 20 } })
  })
}

/** That time of day in Berlin, where midnight UTC is 1 or 2 o'clock. */
function localMs(first: string, day: number, hour: number, minute: number): number {
  const utcMs = Date.parse(first) + day * DAY
  const local = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: 'Europe/Berlin', hour: '2-digit', hourCycle: 'h23' },
  }).format(utcMs + 6 * HOUR)
  return utcMs + (hour - (Number(local) - 6)) * HOUR + minute * MINUTE
}

t.test('all at one instant, or at none that a calendar has, harms nothing', async (t) => {
  const instants = [START, 0, 1, 8.64e15, -8.64e15]
  for (const atMs of instants) {
    const store = told(Array.from({ length: 8 }, () => [call(atMs)]))
    t.equal(store.alerts(10).length, 0)
  }
})
