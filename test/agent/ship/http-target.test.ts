import t from 'tap'
import { httpTarget } from '../../../agent/ship/http-target.ts'
import { formatsOf } from '../../../agent/ship/output.ts'
import type { Answer } from '../../../agent/ship/verdict.ts'
import { AgentError } from '../../../platform/errors.ts'
import { anOutput } from '../../support/output.ts'

const parcels = [{ id: 'a', revision: 1, document: '{"a":1}' }]

function targetOf(answer: Answer | Error) {
  const posts: unknown[][] = []
  const target = httpTarget(
    {
      url: 'https://es.example/',
      async post(...request) {
        posts.push(request)
        if (answer instanceof Error) throw answer
        return answer
      },
      close: async () => {},
    },
    formatsOf(anOutput()),
  )
  return { target, posts }
}

t.test('each stream goes where its format says', async (t) => {
  const { target, posts } = targetOf({ status: 503, retryAfter: '3' })
  t.match(await target.send('alert', parcels), { kind: 'unavailable', retryAfter: '3' })
  await target.send('health', parcels)
  t.match(posts, [
    [/^logs-tidewatch\.alert-default\/_bulk/],
    [/^metrics-tidewatch\.health-default/],
  ])
})

t.test('a 2xx is read by its format', async (t) => {
  const body = '{"items":[{"create":{"_id":"a","status":201}}]}'
  const { target } = targetOf({ status: 200, body })
  t.match(await target.send('alert', parcels), { kind: 'answered', taken: parcels })
})

t.test('no answer is a verdict, a bug is none', async (t) => {
  const away = targetOf(new AgentError('ERR_ENDPOINT', 'es.example: no answer'))
  t.match(await away.target.send('alert', parcels), {
    kind: 'unavailable',
    reason: 'es.example: no answer',
  })
  await t.rejects(targetOf(new TypeError('x')).target.send('alert', parcels), TypeError)
})
