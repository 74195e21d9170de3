import fc from 'fast-check'
import t from 'tap'
import type { AlertFinding } from '../../../agent/alert/alert-input.ts'
import { type AlertState, alertId, decideAlert } from '../../../agent/alert/episode.ts'
import { stateOf } from '../../../agent/alert/state.ts'
import type { AlertRecord } from '../../../storage/alert.ts'
import {
  assessment,
  finding,
  identity,
  MINUTE_MS,
  minutely,
  START_MS,
} from '../../support/findings.ts'
import { holds } from '../../support/holds.ts'

const HOUR_MS = 3_600_000
const options = { updateIntervalMs: 12 * HOUR_MS, endAfterPeriods: 6, mayTell: true }

/** The finding after these beats. */
const after = (timesMs: readonly number[], changes: Partial<AlertFinding> = {}): AlertFinding => ({
  ...finding,
  timesMs,
  assessment: {
    ...assessment,
    firstMs: timesMs[0] ?? 0,
    lastMs: timesMs.at(-1) ?? 0,
    observations: timesMs.length,
  },
  ...changes,
})
const beats = (count: number, fromMs = START_MS, everyMs = MINUTE_MS) =>
  Array.from({ length: count }, (_, i) => fromMs + i * everyMs)

/** Feeds findings in turn; `restart` reads the state back from the stored record each time. */
function replay(findings: readonly AlertFinding[], isRestarting: boolean): AlertRecord[] {
  const records: AlertRecord[] = []
  let state: AlertState | undefined
  for (const one of findings) {
    const decision = decideAlert(state, one, one.assessment.lastMs + 1_000, options)
    if (decision === undefined) continue
    records.push(decision.record)
    state = isRestarting ? stateOf(decision.record) : decision.state
  }
  return records
}

t.test('one alert an episode: the first is sent, the beats that follow are counted', async (t) => {
  const records = replay(
    Array.from({ length: 60 }, (_, i) => after(beats(6 + i))),
    false,
  )
  t.equal(records.length, 60)
  t.equal(new Set(records.map(({ id }) => id)).size, 1)
  t.strictSame(
    records.filter(({ send }) => send),
    records.slice(0, 1),
  )
  t.match(JSON.parse(records.at(-1)?.document ?? ''), {
    tidewatch: { beats: 65 },
    event: { start: '2026-03-02T04:00:00.000Z' },
  })
})

t.test('an episode that goes on is told again when it is due', async (t) => {
  const all = beats(24 * 60)
  const records = replay(
    all.slice(6).map((_, i) => after(all.slice(Math.max(0, i - 100), i + 6))),
    false,
  )
  t.equal(records.filter(({ send }) => send).length, 2)
  t.match(
    JSON.parse(records.at(-1)?.document ?? ''),
    { tidewatch: { beats: 24 * 60 - 1 } },
    'also the beats that the store has dropped',
  )
})

t.test('more risk, or another form, is told at once', async (t) => {
  const first = decideAlert(undefined, after(beats(6)), START_MS, options)?.state
  const next = (changes: Partial<AlertFinding>, atMs = START_MS + HOUR_MS) =>
    decideAlert(first, after(beats(7), changes), atMs, options)?.outcome
  t.equal(next({}), 'kept')
  t.equal(next({ risk: { ...finding.risk, score: 91 } }), 'kept')
  t.equal(next({ risk: { ...finding.risk, score: 92 } }), 'update')
  const slept = {
    ...assessment,
    periods: [{ ...minutely, model: 'sleep' as const }],
    lastMs: START_MS + 6 * MINUTE_MS,
  }
  t.equal(next({ assessment: slept }), 'update')
  t.equal(next({ assessment: slept }, START_MS + MINUTE_MS), 'kept', 'but not to and fro')
})

t.test('silence ends an episode; the next beat has a new id and starts a new count', async (t) => {
  const first = decideAlert(undefined, after(beats(10)), START_MS, options)
  const later = beats(8, START_MS + 5 * HOUR_MS)
  const second = decideAlert(
    first?.state,
    after([...beats(10), ...later]),
    later.at(-1) ?? 0,
    options,
  )
  t.equal(second?.outcome, 'new')
  t.not(second?.record.id, first?.record.id)
  t.match(second?.state, { startMs: later[0], beats: 8 })
})

t.test('a blind span is no silence', async (t) => {
  const first = decideAlert(undefined, after(beats(10)), START_MS, options)
  const later = beats(8, START_MS + 5 * HOUR_MS)
  const gaps = [
    { fromMs: START_MS + 10 * MINUTE_MS, toMs: START_MS + 5 * HOUR_MS - 1, reason: 'restart' },
  ]
  const second = decideAlert(
    first?.state,
    after([...beats(10), ...later], { gaps }),
    later.at(-1) ?? 0,
    options,
  )
  t.equal(second?.record.id, first?.record.id)
  t.equal(second?.state.beats, 18)
})

t.test('another rhythm is another episode; a multiple of it is missed beats', async (t) => {
  const first = decideAlert(undefined, after(beats(10)), START_MS, options)?.state
  const at = (periodMs: number) => {
    const lastMs = START_MS + 12 * MINUTE_MS
    const changed = { ...assessment, periods: [{ ...minutely, periodMs }], lastMs }
    return decideAlert(
      first,
      after([...beats(10), lastMs], { assessment: changed }),
      lastMs,
      options,
    )?.record.id
  }
  t.equal(at(MINUTE_MS * 1.05), first?.id)
  t.equal(at(MINUTE_MS * 2), first?.id)
  t.not(at(MINUTE_MS * 15), first?.id)
})

t.test('beyond the budget it is held, and told once there is room', async (t) => {
  const held = decideAlert(undefined, after(beats(6)), START_MS, { ...options, mayTell: false })
  t.match(held, { outcome: 'held', record: { send: false } })
  t.equal(
    decideAlert(held?.state, after(beats(6)), START_MS, { ...options, mayTell: false }),
    undefined,
  )
  const still = decideAlert(held?.state, after(beats(7)), START_MS, { ...options, mayTell: false })
  t.equal(still?.outcome, 'kept', 'held is counted once')
  const told = decideAlert(
    stateOf(held?.record as AlertRecord),
    after(beats(6)),
    START_MS + HOUR_MS,
    options,
  )
  t.match(told, { outcome: 'new', record: { send: true, id: held?.record.id } })
})

t.test('no alert for what is not one', async (t) => {
  const quiet = after(beats(6), { risk: { ...finding.risk, disposition: 'known' } })
  t.equal(decideAlert(undefined, quiet, START_MS, options), undefined)
  const formless = after(beats(6), { assessment: { ...assessment, periods: [] } })
  t.equal(decideAlert(undefined, formless, START_MS, options), undefined)
})

t.test('an id is 128 bits of series and start', async (t) => {
  t.match(alertId(identity.key, START_MS), /^[0-9a-f]{32}$/)
  t.not(alertId(identity.key, START_MS), alertId(identity.key, START_MS + 1))
  t.not(alertId('other', START_MS), alertId(identity.key, START_MS))
})

t.test('properties', async (t) => {
  const times = fc
    .array(
      fc.oneof(
        fc.constant(MINUTE_MS),
        fc.constant(MINUTE_MS),
        fc.constant(2 * MINUTE_MS),
        fc.constant(HOUR_MS),
      ),
      { minLength: 1, maxLength: 60 },
    )
    .map((steps) => {
      let atMs = START_MS
      return steps.map((step) => (atMs += step))
    })
  const restarts = fc.property(times, (all) => {
    const findings = all.map((_, i) => after(all.slice(0, i + 1)))
    t.strictSame(replay(findings, true), replay(findings, false))
  })
  holds(t, 'a restart at any beat changes nothing', restarts)

  const again = fc.property(times, fc.nat(59), (all, from) => {
    const findings = all.map((_, i) => after(all.slice(0, i + 1)))
    const records = replay(findings, false)
    let state = stateOf(records.at(-1) as AlertRecord)
    for (const one of findings.slice(from)) {
      const decision = decideAlert(state, one, one.assessment.lastMs + 1_000, options)
      if (decision?.record.send) return false
      state = decision?.state ?? state
    }
    return true
  })
  holds(t, 'the same findings after a restart send nothing again', again)
})
