import t from 'tap'
import { sendHealth } from '../../../agent/ship/send-health.ts'
import { refusal, type Verdict } from '../../../agent/ship/verdict.ts'

const report = { id: 'h1', revision: 1, document: '{"up":1}' }
const none = { kind: 'answered', taken: [], rejected: [], suspected: [] } as const
const answerTo = (verdict: Verdict) =>
  sendHealth({ place: () => '', send: async () => verdict, close: async () => {} }, report)

t.test('what was taken is told so', async (t) => {
  const answer = await answerTo({ ...none, taken: [report] })
  t.strictSame(answer, { lastAnswer: 'health taken', isTaken: true })
})

t.test('what may pass is told, and leaves no letter', async (t) => {
  for (const verdict of [
    { kind: 'unavailable', reason: 'why' },
    { ...none, againBecause: 'why' },
  ] as const) {
    t.strictSame(await answerTo(verdict), { lastAnswer: 'health not taken: why', isTaken: false })
  }
})

t.test('what is refused leaves a letter under one id', async (t) => {
  for (const verdict of [
    { kind: 'refused', reason: 'why' },
    { ...none, rejected: [refusal(report, 'why')] },
    { ...none, suspected: [refusal(report, 'why')] },
  ] as const) {
    t.strictSame(await answerTo(verdict), {
      lastAnswer: 'health not taken: why',
      isTaken: false,
      refused: { id: 'health', revision: 0, reason: 'why', document: '{"up":1}' },
    })
  }
})
