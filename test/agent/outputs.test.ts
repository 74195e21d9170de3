import t from 'tap'
import type { Config } from '../../agent/config/config.ts'
import { parseConfig } from '../../agent/config/parse.ts'
import { createOutputs } from '../../agent/outputs.ts'
import type { Shipping } from '../../agent/shipping.ts'
import { AgentError } from '../../platform/errors.ts'
import { until } from '../support/until.ts'

function shipOf(path: string): Config['ship'] {
  const result = parseConfig(`ship: { path: ${path} }`)
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  return result.config.ship
}

/** Notes what each shipping is asked; one to /bad cannot be made. */
function setUp() {
  const told: string[] = []
  let crash = (_: Error): void => {}
  const create = async ({ path = '' }: Config['ship']): Promise<Shipping> => {
    if (path === '/bad') throw new AgentError('ERR_ENDPOINT', '/bad: no')
    return {
      run: (signal) =>
        new Promise((resolve, reject) => {
          told.push(`run ${path}`)
          crash = reject
          signal.addEventListener('abort', () => {
            told.push(`stop ${path}`)
            resolve()
          })
        }),
      wake: () => void told.push(`wake ${path}`),
      report: (health) => void told.push(`health ${health.document} to ${path}`),
      statuses: () => [{ name: 'main', place: path, failuresInRow: 0 }],
      close: async () => void told.push(`close ${path}`),
    }
  }
  const options = {
    create,
    health: () => ({ id: '1', document: 'well' }) as never,
    random: () => 0,
    sleep: (ms: number, signal: AbortSignal) =>
      ms === 0
        ? Promise.resolve()
        : new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())),
  }
  return { told, options, crash: (error: Error) => crash(error) }
}

t.test('ships and reports until it is stopped', async (t) => {
  const { told, options } = setUp()
  const outputs = await createOutputs(shipOf('/a'), options)
  const stop = new AbortController()
  const ended = outputs.run(stop.signal)
  await until('the first report', () => told.length === 2)
  outputs.wake()
  stop.abort()
  await ended
  t.strictSame(told, ['run /a', 'health well to /a', 'wake /a', 'stop /a'])
})

t.test('other settings are taken over while it runs', async (t) => {
  const { told, options } = setUp()
  const outputs = await createOutputs(shipOf('/a'), options)
  const stop = new AbortController()
  const ended = outputs.run(stop.signal)
  await outputs.adopt(shipOf('/b'))
  t.match(outputs.statuses(), [{ place: '/b' }])
  t.ok(told.indexOf('stop /a') < told.indexOf('close /a'))
  t.ok(told.indexOf('close /a') < told.indexOf('run /b'))
  stop.abort()
  await ended
})

t.test('those that cannot be used leave the old ones', async (t) => {
  const { options } = setUp()
  const outputs = await createOutputs(shipOf('/a'), options)
  const stop = new AbortController()
  const ended = outputs.run(stop.signal)
  await t.rejects(outputs.adopt(shipOf('/bad')), { code: 'ERR_ENDPOINT' })
  t.match(outputs.statuses(), [{ place: '/a' }])
  stop.abort()
  await ended
})

t.test('a bug in an output is not swallowed', async (t) => {
  const { options, crash } = setUp()
  const outputs = await createOutputs(shipOf('/a'), options)
  const ended = outputs.run(new AbortController().signal)
  crash(new TypeError('a bug'))
  await t.rejects(ended, /a bug/)
})
