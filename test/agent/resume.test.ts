import t from 'tap'
import { resume } from '../../agent/resume.ts'
import type { Event } from '../../platform/event.ts'

function resumed(aliveMs: string | undefined, bookmark: string | undefined, nowMs: number) {
  const taken: Event[] = []
  const due: string[] = []
  resume(
    {
      take: (_, { events }) => void taken.push(...events),
      resume: (key) => void due.push(key),
    },
    { note: () => aliveMs, bookmark: () => bookmark, seriesKeys: () => ['a', 'b'] },
    [{ dataset: 'linux.audit', fillsAbsence: true }, { dataset: 'linux.proc' }],
    nowMs,
  )
  t.strictSame(due, ['a', 'b'], 'what may be owed a judgment is due')
  return taken
}

t.test('the span in which no agent ran is a gap', async (t) => {
  t.match(resumed('1000', undefined, 100_000), [
    { kind: 'loss', reason: 'restart', fromMs: 1_000, atMs: 100_000 },
  ])
})

t.test('a source that kept what was missed fills it', async (t) => {
  t.strictSame(resumed('1000', 'here', 100_000), [])
})

t.test('a first start and a short stop miss nothing', async (t) => {
  t.strictSame(resumed(undefined, undefined, 100_000), [])
  t.strictSame(resumed('98000', undefined, 100_000), [])
})
