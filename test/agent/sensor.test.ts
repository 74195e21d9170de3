/** The live agent on this very host, for a moment: what it needs root for, it says. */
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { systemClock } from '../../agent/clock.ts'
import { parseConfig } from '../../agent/config/parse.ts'
import { askAgent } from '../../agent/control/client.ts'
import { runSensor, type Sensor } from '../../agent/sensor.ts'
import { openStoreReadOnly } from '../../storage/database.ts'
import { socketFolder } from '../support/socket-folder.ts'
import { until } from '../support/until.ts'

const skip = process.platform !== 'linux' && 'the live sensor runs on Linux only'

function start(dataDir: string, text = '') {
  const parsed = parseConfig(text)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const stop = new AbortController()
  const messages: string[] = []
  const view = {
    collectors: () => {},
    findings: () => {},
    message: (line: string) => void messages.push(line),
  }
  const { config } = parsed
  const started = Promise.withResolvers<Sensor>()
  const ended = runSensor(
    { version: '0', config, dataDir, clock: systemClock(), signal: stop.signal, view },
    { platform: process.platform },
    started.resolve,
  )
  const status = () => askAgent(join(dataDir, 'control.sock'), { request: 'status' })
  return { ended, started: started.promise, config, status, messages, stop: () => stop.abort() }
}

t.test(
  'it answers while it runs, keeps its files to itself, and stops clean',
  { skip },
  async (t) => {
    const dataDir = join(socketFolder(t), 'data')
    const agent = start(dataDir)
    const isSettled = async () =>
      (await agent.status())?.collectors.every(({ state }) => state !== 'starting')
    await until('all collectors are settled', async () => (await isSettled()) === true)
    const status = await agent.status()
    const sensor = await agent.started
    t.equal(sensor.status().pid, process.pid)
    const detect = { ...agent.config.detect, destIpAllowlist: ['no destination!'] }
    await t.rejects(sensor.adopt({ ...agent.config, detect }), { code: 'ERR_PATTERN_INVALID' })
    const path = join(dataDir, 'alerts.ndjson')
    await sensor.adopt({ ...agent.config, ship: { ...agent.config.ship, path } })
    t.match((await agent.status())?.outputs, [{ place: path }], 'an output begins')
    t.match(status, {
      isRunning: true,
      version: '0',
      pid: process.pid,
      store: { schemaVersion: Number },
    })
    const { collectors = [] } = status ?? {}
    t.ok(collectors.some(({ state }) => state === 'running' || state === 'degraded'))
    for (const { dataset, state, reason, counters } of collectors) {
      t.ok(state === 'running' || /\S/.test(reason ?? ''), `${dataset} is ${state}: ${reason}`)
      const { received, emitted, ignored, malformed, lost } = counters
      t.ok(emitted + ignored + malformed + lost <= received, `${dataset} counts no record twice`)
    }
    t.equal(statSync(dataDir).mode & 0o777, 0o700)
    t.equal(statSync(join(dataDir, 'tidewatch.db')).mode & 0o777, 0o600)
    t.equal(statSync(join(dataDir, 'control.sock')).mode & 0o777, 0o600)

    await t.rejects(start(dataDir).ended, { code: 'ERR_STORE_LOCKED' }, 'a second agent is refused')
    agent.stop()
    await agent.ended
    t.equal(await agent.status(), undefined, 'nobody answers')
    const store = openStoreReadOnly(dataDir)
    t.ok(Number(store.note('alive-ms')) > 0, 'the next start will know when this one was alive')
    store.close()
  },
)

t.test('a database that is none is set aside, and said', { skip }, async (t) => {
  const dataDir = join(socketFolder(t), 'data')
  mkdirSync(dataDir, { mode: 0o700 })
  writeFileSync(join(dataDir, 'tidewatch.db'), 'this was never a database\n'.repeat(500), {
    mode: 0o600,
  })
  const agent = start(dataDir)
  await until('it answers', async () => (await agent.status()) !== undefined)
  t.match(await agent.status(), { incidents: [{ what: /set aside as .*not a database/ }] })
  agent.stop()
  await agent.ended
  t.match(agent.messages.join('\n'), /set aside/)
})
