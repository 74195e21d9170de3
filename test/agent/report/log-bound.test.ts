import fc from 'fast-check'
import t from 'tap'
import type { CollectorStatus } from '../../../agent/control/status.ts'
import { ecsLogView } from '../../../agent/report/ecs-log-view.ts'
import { logView } from '../../../agent/report/live-view.ts'
import { logBound } from '../../../agent/report/log-bound.ts'
import { holds } from '../../support/holds.ts'
import { aFinding, aStatus } from '../../support/status.ts'

const MINUTE_MS = 60_000
const DAY_MS = 1_440 * MINUTE_MS

t.test('twenty lines at once, then one a minute, and the rest is counted', async (t) => {
  let nowMs = 0
  const bound = logBound(() => nowMs)
  const tried = (): boolean => {
    const isAdmitted = bound.admits('a')
    if (!isAdmitted) bound.omit('a')
    return isAdmitted
  }
  t.equal(Array.from({ length: 100 }, tried).filter(Boolean).length, 20)
  t.ok(bound.admits('b'), 'another kind has its own')
  t.match(bound.omitted(), /left out of this log.*: a 80;/)
  nowMs = MINUTE_MS
  t.strictSame([tried(), tried()], [true, false])
  t.equal(bound.omitted(), undefined, 'told every ten minutes')
  nowMs += 10 * MINUTE_MS
  t.match(bound.omitted(), /: a 1;/)
  nowMs = -5
  t.notOk(Array.from({ length: 20 }, tried).at(-1), 'a clock that was set back gives nothing')
})

t.test('properties', async (t) => {
  const steps = fc.array(fc.tuple(fc.nat(3), fc.integer({ min: -1_000, max: 90_000 })))
  const bounded = fc.property(steps, (tries) => {
    let [nowMs, forwardMs] = [0, 0]
    const bound = logBound(() => nowMs)
    const counts = [0, 0, 0, 0]
    for (const [kind, ms] of tries) {
      nowMs += ms
      forwardMs += Math.max(0, ms)
      if (bound.admits(String(kind))) counts[kind] = (counts[kind] ?? 0) + 1
    }
    return counts.every((count) => count <= 20 + forwardMs / MINUTE_MS)
  })
  holds(t, 'a kind never takes more than its bound, however time goes', bounded)
  const kinds = fc.property(fc.array(fc.string(), { maxLength: 3_000 }), (names) => {
    const bound = logBound(() => 0)
    return names.filter((name) => bound.admits(name)).length <= 33 * 20
  })
  holds(t, 'nor do many kinds together', kinds, { numRuns: 20 })
})

/** A day in which all that can be told flaps every two seconds, and each message is another. */
function day(
  view: typeof logView | ((options: Parameters<typeof logView>[0]) => ReturnType<typeof logView>),
) {
  let [nowMs, bytes, lines, last] = [0, 0, 0, '']
  const write = (text: string): void => {
    bytes += Buffer.byteLength(text)
    lines++
    last = text
  }
  const log = view({ now: () => nowMs, write })
  const flapping = (i: number): CollectorStatus[] =>
    aStatus.collectors.map((it, n) => ({
      ...it,
      state: (i + n) % 2 === 0 ? 'running' : 'lost',
      reason: `no answer, try ${i}`,
    }))
  for (let i = 0; nowMs < DAY_MS; i++, nowMs += 2_000) {
    log.collectors(flapping(i))
    log.findings([{ ...aFinding, form: `every ${i} s`, actor: `/${'x'.repeat(4_000)}` }])
    log.message(`fleet: https://fleet.example.org does not answer, try ${i}`)
    log.message(`${i.toString(36)} is malformed: ${'y'.repeat(9_000)}`)
  }
  const kinds = aStatus.collectors.length + 1 + 33
  return { bytes, lines, last, maxLines: kinds * (1_440 + 20) + 144 }
}

t.test('a day in which all flaps stays within the bound', async (t) => {
  const text = day(logView)
  t.ok(text.lines > 1_440 && text.lines <= text.maxLines, `${text.lines} lines`)
  t.ok(text.bytes < 64 << 20, `${text.bytes >> 20} MiB`)
  const ecs = day((options) => ecsLogView({ ...options, level: 'info', version: '0' }))
  t.ok(ecs.lines > 1_440 && ecs.lines <= ecs.maxLines, `${ecs.lines} lines of ECS`)
  t.ok(ecs.bytes < 96 << 20, `${ecs.bytes >> 20} MiB of ECS`)
})

t.test('how it is in the end is told, though what was between is not', async (t) => {
  let nowMs = 0
  const told: string[] = []
  const view = logView({ now: () => nowMs, write: (text) => void told.push(text) })
  const [one] = aStatus.collectors as [CollectorStatus]
  for (let i = 0; i < 101; i++) {
    view.collectors([{ ...one, state: i % 2 === 0 ? 'lost' : 'running', reason: `try ${i}` }])
  }
  t.match(told.at(-1), /left out/)
  nowMs += MINUTE_MS
  view.collectors([{ ...one, state: 'lost', reason: 'try 100' }])
  t.match(told.at(-1), /lost: try 100/)
})
