/** The fleet's logic with a server and an agent of our own; the real ones are in test/live/fleet.test.ts. */
import t from 'tap'
import type { Config } from '../../../agent/config/config.ts'
import type { AgentStatus } from '../../../agent/control/status.ts'
import { createFleet } from '../../../agent/fleet/fleet.ts'
import type { FleetSource, Report, SourceHooks } from '../../../agent/fleet/source.ts'
import { standing } from '../../../agent/fleet/standing.ts'
import { type FleetState, newInstanceId } from '../../../agent/fleet/state.ts'
import { AgentError } from '../../../platform/errors.ts'
import { filePart, fleetKey, offerOf } from '../../support/fleet.ts'
import { aStatus } from '../../support/status.ts'
import { until } from '../../support/until.ts'

const key = fleetKey()
const FILE = `{ fleet: { url: 'https://x/?sig=secret', publicKeys: [${key.publicText}] }, locked: [alert.maxPerHour] }`
const ALLOW = 'detect: { destIpAllowlist: [192.0.2.7] }'
const COLLECT = 'collect: { linux: { procNet: { poll: 9s } } }'

function setUp(known: Partial<FleetState> = {}) {
  const file = filePart(FILE)
  const stop = new AbortController()
  const applied: Config[] = []
  const reports: Report[] = []
  const said: string[] = []
  const saved: FleetState[] = []
  const trials: (() => void)[] = []
  let hooks: SourceHooks | undefined
  let status: AgentStatus = { ...aStatus, collectors: aStatus.collectors.slice(0, 1), outputs: [] }
  const state: FleetState = { instanceId: newInstanceId(1), ...known }
  const source: FleetSource = {
    run: (signal, given) => {
      hooks = given
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
    },
    report: (it) => void reports.push(it),
    status: () => ({ failuresInRow: 0, lastContactMs: 5 }),
  }
  let config = standing(file, state).config
  const fleet = createFleet({
    ...{ file, state, source, host: { name: 'web-1', os: 'linux', labels: [] } },
    stateFile: { save: (it) => void saved.push(it) },
    agent: {
      get config() {
        return config
      },
      status: () => status,
      async apply(next) {
        if (next.store.maxSizeBytes > 2 ** 35) throw new AgentError('ERR_STORE_FULL', 'too large')
        applied.push(next)
        config = next
      },
    },
    clock: { now: () => Date.parse('2026-11-24T12:00:00Z') },
    sleep: (_, signal) =>
      new Promise((resolve) => {
        trials.push(resolve)
        signal.addEventListener('abort', () => resolve())
      }),
    say: (line) => void said.push(line),
  })
  const ended = fleet.run(stop.signal)
  return {
    ...{ fleet, applied, reports, said, saved, trials, ended, stop: () => stop.abort() },
    file: () => saved.at(-1),
    offer(...texts: string[]) {
      hooks?.onOffer(offerOf(...texts))
      return until('the report', () => reports.at(-1)?.offerHash === offerOf(...texts).hash)
    },
    rename: (id: string) => hooks?.onInstanceId(id),
    becomeIll() {
      const [first] = aStatus.collectors
      status = { ...status, collectors: [{ ...first, state: 'lost', reason: 'gone' } as never] }
    },
    /** Ends the trial that began last. */
    async endTrial() {
      trials.at(-1)?.()
      await new Promise(setImmediate)
      await new Promise(setImmediate)
    },
  }
}

t.test('an allowlist entry is in force and told at once, and good after its trial', async (t) => {
  const it = setUp()
  await it.offer(key.sign({ version: 7, config: ALLOW }))
  await until('applied', () => it.reports.length === 2)
  t.match(it.reports, [{ state: 'applying' }, { state: 'applied' }])
  t.strictSame(it.applied[0]?.detect.destIpAllowlist, ['192.0.2.7'])
  t.match(it.fleet.status().current, { version: 7, isOnTrial: true, isSigned: true })
  t.match(it.file(), { trial: { version: 7 }, highestVersion: 7 }, 'on disk before it is confirmed')
  await it.endTrial()
  t.match(it.fleet.status().current, { version: 7, isOnTrial: false })
  t.match(it.file(), { good: { version: 7 } })
  t.equal(it.file()?.trial, undefined)
  t.match(it.said, [/version 7 applying/, /version 7 applied/])
  t.notMatch(JSON.stringify([it.fleet.status(), it.file()]), /sig=secret/)
  it.stop()
  await it.ended
})

t.test('what restarts collectors is told as applied after its trial', async (t) => {
  const it = setUp()
  await it.offer(key.sign({ version: 7, config: COLLECT }))
  await until('it is on trial', () => it.trials.length === 1)
  t.match(it.reports.at(-1), { state: 'applying' })
  await it.endTrial()
  t.match(it.reports.at(-1), { state: 'applied' })
  it.stop()
  await it.ended
})

t.test(
  'with which the agent is ill, it is rolled back, and not tried again until it changes',
  async (t) => {
    const it = setUp()
    await it.offer(key.sign({ version: 7, config: ALLOW }))
    await until('it is on trial', () => it.trials.length === 1)
    await it.endTrial()
    const bad = key.sign({ version: 8, config: COLLECT })
    await it.offer(bad)
    await until('it is on trial', () => it.trials.length === 2)
    it.becomeIll()
    await it.endTrial()
    t.match(it.reports.at(-1), { state: 'failed', message: /is lost: gone; back to version 7/ })
    t.strictSame(it.applied.at(-1)?.detect.destIpAllowlist, ['192.0.2.7'], 'the last known good')
    t.match(it.fleet.status(), { current: { version: 7 }, result: { state: 'failed', version: 8 } })
    const times = it.applied.length
    await it.offer(bad)
    t.equal(it.applied.length, times, 'not tried again')
    t.match(it.reports.at(-1), { state: 'failed', message: /is lost: gone/ }, 'and said why')
    await it.offer('unsigned: {}')
    await it.offer(bad)
    t.equal(it.applied.length, times, 'nor after something else')
    t.match(it.reports.at(-1), { state: 'failed', message: /did not run well when it was tried/ })
    await it.offer(key.sign({ version: 9, config: `${COLLECT}\n${ALLOW}` }))
    t.equal(it.applied.length, times + 1, 'but what has changed is')
    it.stop()
    await it.ended
  },
)

t.test(
  'under which the agent does not start, it is refused, and the old one goes on',
  async (t) => {
    const it = setUp()
    await it.offer(key.sign({ version: 7, config: 'store: { maxSize: 64GiB }' }))
    await until('refused', () => it.reports.length === 2)
    t.match(it.reports.at(-1), { state: 'failed', message: 'too large; back to the file alone' })
    t.equal(it.fleet.status().current, undefined)
    it.stop()
    await it.ended
  },
)

for (const [what, text, message] of [
  [
    'a broken configuration',
    key.sign({ version: 7, config: 'detect: { minScore: 7 }' }),
    /minScore: must be/,
  ],
  ['one that is no YAML', key.sign({ version: 7, config: '{' }), /line 1/],
  ['an unsigned one', ALLOW, /unsigned/],
  [
    "one for the host's own keys",
    key.sign({ version: 7, config: 'dataDir: /tmp' }),
    /only this host/,
  ],
] as const) {
  t.test(`${what} is refused with the reason, and changes nothing`, async (t) => {
    const it = setUp()
    await it.offer(text)
    t.match(it.reports, [{ state: 'failed', message }])
    t.strictSame(it.applied, [])
    t.equal(it.file()?.highestVersion, undefined, 'nor does it raise the version')
    await it.offer(text)
    t.equal(it.said.length, 1, 'the same again is no news')
    it.stop()
    await it.ended
  })
}

t.test('one that is for others is passed over', async (t) => {
  const it = setUp()
  await it.offer(key.sign({ version: 7, config: ALLOW, target: { hosts: ['db-*'] } }))
  t.match(it.reports, [{ state: 'passed' }])
  t.strictSame([it.applied, it.saved, it.said], [[], [], []])
  it.stop()
  await it.ended
})

t.test('a newer one takes the place of one on trial', async (t) => {
  const it = setUp()
  await it.offer(key.sign({ version: 7, config: COLLECT }))
  await it.offer(key.sign({ version: 8, config: ALLOW }))
  await until('two trials', () => it.trials.length === 2)
  it.trials[0]?.()
  await it.endTrial()
  t.match(it.file(), { good: { version: 8 } })
  it.stop()
  await it.ended
})

t.test('a refusal while another is on trial stays the last word', async (t) => {
  const it = setUp()
  await it.offer(key.sign({ version: 7, config: ALLOW }))
  await until('it is on trial', () => it.trials.length === 1)
  await it.offer('unsigned: {}')
  await it.endTrial()
  t.match(it.reports.at(-1), { state: 'failed', message: /unsigned/ })
  t.match(it.fleet.status(), {
    current: { version: 7, isOnTrial: false },
    result: { state: 'failed' },
  })
  it.stop()
  await it.ended
})

t.test(
  'a stop within a trial is orderly; the next start tells the server, and goes on with it',
  async (t) => {
    const it = setUp()
    await it.offer(key.sign({ version: 7, config: COLLECT }))
    await until('it is on trial', () => it.trials.length === 1)
    it.stop()
    await it.ended
    t.equal(it.file()?.trial?.starts, 0)
    const next = setUp(it.file())
    await until('it is on trial again', () => next.trials.length === 1)
    t.match(next.reports, [{ state: 'applying' }])
    await next.endTrial()
    t.match(next.file(), { good: { version: 7 } })
    next.stop()
    await next.ended
  },
)

t.test('the server can give the agent another id', async (t) => {
  const it = setUp()
  const id = newInstanceId(2)
  it.rename(id)
  await until('it is kept', () => it.file()?.instanceId === id)
  t.equal(it.fleet.status().instanceId, id)
  it.stop()
  await it.ended
})
