/** How an agent takes up its fleet at a start, and by which source; with Elastic's server. */
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { systemClock } from '../../agent/clock.ts'
import type { Config } from '../../agent/config/config.ts'
import { newInstanceId, stateFile } from '../../agent/fleet/state.ts'
import { joinFleet } from '../../agent/join-fleet.ts'
import type { Agent } from '../../agent/reconfigure.ts'
import { AgentError } from '../../platform/errors.ts'
import { host } from '../support/findings.ts'
import { filePart, fleetKey } from '../support/fleet.ts'
import { startOpampServer } from '../support/opamp-server.ts'
import { aStatus } from '../support/status.ts'
import { until } from '../support/until.ts'

const key = fleetKey()
const keptOf = (version: number, config: string) => ({
  ...{ text: key.sign({ version, config }), offerHash: 'aa', digest: `d${version}` },
  ...{ version, source: 'https://x/', atMs: 1 },
})

/** Notes under which configurations it was started; refuses databases of 64 GiB. */
function setUp(t: Test, url = 'http://127.0.0.1:1/') {
  const dataDir = join(t.testdir(), 'data')
  const text = `fleet: { url: "${url}", publicKeys: [${key.publicText}], interval: 1s }`
  const started: Config[] = []
  const said: string[] = []
  const start = async (config: Config): Promise<Agent> => {
    if (config.store.maxSizeBytes > 2 ** 35) throw new AgentError('ERR_STORE_FULL', 'too large')
    started.push(config)
    const agent = {
      ...{ config, status: () => aStatus, ended: Promise.resolve() },
      async apply(next: Config) {
        agent.config = next
      },
    }
    return agent
  }
  const loaded = filePart(text)
  const view = { collectors() {}, findings() {}, message: (line: string) => void said.push(line) }
  const options = {
    ...{ version: '1.2.3', loaded, config: loaded.config, dataDir, clock: systemClock(), view },
    signal: new AbortController().signal,
  }
  const join_ = () => joinFleet(options, host, start)
  return { disk: stateFile(dataDir), started, said, join: join_ }
}

t.test('a new host gets an id that lasts', async (t) => {
  const it = setUp(t)
  const first = (await it.join()).fleet.status().instanceId
  t.equal((await it.join()).fleet.status().instanceId, first)
  t.equal(it.disk.load()?.instanceId, first)
})

t.test('without network it starts under what it was given before', async (t) => {
  const it = setUp(t)
  it.disk.save({ instanceId: newInstanceId(1), good: keptOf(7, 'detect: { minScore: 0.9 }') })
  await it.join()
  t.equal(it.started[0]?.detect.minScore, 0.9)
  t.match(it.said, [/configuration version 7 of https:\/\/x\/, from disk/])
})

t.test('under what it cannot start with it falls back at once', async (t) => {
  const it = setUp(t)
  const trial = { ...keptOf(8, 'store: { maxSize: 64GiB }'), starts: 0 }
  it.disk.save({
    instanceId: newInstanceId(1),
    good: keptOf(7, 'detect: { minScore: 0.9 }'),
    trial,
  })
  const { fleet } = await it.join()
  t.equal(it.started[0]?.detect.minScore, 0.9)
  t.match(fleet.status(), { current: { version: 7 }, result: { state: 'failed', version: 8 } })
})

t.test('what is on disk and not signed is not in force, and said', async (t) => {
  const it = setUp(t)
  const good = { ...keptOf(7, ''), text: 'detect: { minScore: 0.9 }' }
  it.disk.save({ instanceId: newInstanceId(1), good })
  const { fleet } = await it.join()
  t.equal(it.started[0]?.detect.minScore, 0.5)
  t.match(it.said, [/not in force: .*unsigned/])
  t.match(fleet.status(), { current: undefined, problem: /unsigned/ })
})

t.test('enrolls by OpAMP, and is given a configuration', async (t) => {
  const server = await startOpampServer()
  t.teardown(server.close)
  const it = setUp(t, server.url)
  const { agent, fleet } = await it.join()
  const stop = new AbortController()
  const ended = fleet.run(stop.signal)
  await until('it has enrolled', () => server.requests().length > 0)
  server.push(key.sign({ version: 7, config: 'detect: { minScore: 0.9 }' }))
  await until('it is in force', () => fleet.status().result?.state === 'applied')
  t.equal(agent.config.detect.minScore, 0.9)
  t.match(server.requests()[0]?.a2s?.health, { status: 'degraded' })
  stop.abort()
  await ended
})
