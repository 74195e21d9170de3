import t from 'tap'
import { systemClock } from '../../agent/clock.ts'
import type { SensorOptions } from '../../agent/commands/context.ts'
import type { Config } from '../../agent/config/config.ts'
import { parseConfig } from '../../agent/config/parse.ts'
import type { AgentStatus } from '../../agent/control/status.ts'
import { changedGroups, type RunSensor, startAgent } from '../../agent/reconfigure.ts'
import { AgentError } from '../../platform/errors.ts'
import { aStatus } from '../support/status.ts'

function configOf(text = ''): Config {
  const result = parseConfig(text)
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  return result.config
}

/** A sensor that notes what it is asked, and refuses to start with a database of 64 GiB. */
function sensors() {
  const lives: string[] = []
  let crash = (_: Error): void => {}
  const run: RunSensor = async ({ config, signal }, onStart) => {
    if (config.store.maxSizeBytes > 2 ** 35) {
      throw new AgentError('ERR_STORE_FULL', 'the disk is smaller')
    }
    const life = String(lives.push(`start ${config.detect.minScore}`))
    await new Promise<void>((resolve, reject) => {
      crash = reject
      onStart({
        status: (): AgentStatus => ({ ...aStatus, version: life }),
        adopt: async (next) => void lives.push(`adopt ${next.detect.minScore}`),
      })
      if (signal.aborted) resolve()
      signal.addEventListener('abort', () => resolve())
    })
    lives.push('end')
  }
  return { lives, run, crash: (error: Error) => crash(error) }
}

function optionsOf(text = '') {
  const stop = new AbortController()
  const view = { collectors: () => {}, findings: () => {}, message: () => {} }
  const options: SensorOptions = {
    ...{ version: '0', dataDir: '/nonexistent', clock: systemClock(), view },
    ...{ config: configOf(text), signal: stop.signal },
  }
  return { options, stop: () => stop.abort() }
}

t.test('says which groups differ', async (t) => {
  const to = configOf('{ detect: { minScore: 0.9 }, store: { maxSize: 1GiB } }')
  t.strictSame([...changedGroups(configOf(), to)].sort(), ['detect', 'store'])
  t.strictSame(changedGroups(to, to), [])
})

t.test('detection settings are taken over by the sensor that runs', async (t) => {
  const { lives, run } = sensors()
  const { options, stop } = optionsOf()
  const agent = await startAgent(options, run)
  await agent.apply(
    configOf('{ detect: { minScore: 0.9 }, alert: { minRisk: 50 }, log: { level: debug } }'),
  )
  t.strictSame(lives, ['start 0.5', 'adopt 0.9'])
  t.equal(agent.config.alert.minRisk, 50)
  await agent.apply(agent.config)
  t.equal(lives.length, 2, 'what is the same already is not taken over')
  stop()
  await agent.ended
})

t.test('for what a sensor cannot change it is followed by another', async (t) => {
  const { lives, run } = sensors()
  const { options, stop } = optionsOf()
  const agent = await startAgent(options, run)
  await agent.apply(configOf('{ detect: { minScore: 0.9 }, store: { maxSize: 1GiB } }'))
  t.strictSame(lives, ['start 0.5', 'end', 'start 0.9'])
  t.equal(agent.status()?.version, '3', 'the status is that of the new one')
  stop()
  await agent.ended
  t.equal(lives.at(-1), 'end')
})

t.test('where the new one does not start, the old one runs again', async (t) => {
  const { lives, run } = sensors()
  const { options, stop } = optionsOf()
  const agent = await startAgent(options, run)
  await t.rejects(agent.apply(configOf('store: { maxSize: 64GiB }')), { code: 'ERR_STORE_FULL' })
  t.strictSame(lives, ['start 0.5', 'end', 'start 0.5'])
  t.equal(agent.config, options.config)
  t.ok(agent.status())
  stop()
  await agent.ended
})

t.test('a sensor that never starts, or has a bug, is told', async (t) => {
  const { run, crash } = sensors()
  const bad = optionsOf('store: { maxSize: 64GiB }')
  await t.rejects(startAgent(bad.options, run), { code: 'ERR_STORE_FULL' })
  const agent = await startAgent(optionsOf().options, run)
  crash(new TypeError('a bug'))
  await t.rejects(agent.ended, /a bug/)
})
