import t from 'tap'
import { afterStart, afterStop, givenUp, standing } from '../../../agent/fleet/standing.ts'
import { type FleetState, newInstanceId } from '../../../agent/fleet/state.ts'
import { filePart, fleetKey } from '../../support/fleet.ts'

const key = fleetKey()
const file = filePart(
  `{ fleet: { url: https://x/, publicKeys: [${key.publicText}] }, alert: { minRisk: 50 } }`,
)
const keptOf = (config: string, version: number) => ({
  ...{ text: key.sign({ version, config }), offerHash: 'aa', digest: `d${version}` },
  ...{ version, source: 'https://x/', atMs: 1 },
})
const good = keptOf('detect: { minScore: 0.9 }', 7)
const trial = { ...keptOf('detect: { minScore: 0.8 }', 8), starts: 1 }
const state: FleetState = { instanceId: newInstanceId(1), good, trial }

t.test('the fleet stands over the file, without any network', async (t) => {
  const { config, effective, fleet } = standing(file, state)
  t.match(config, { detect: { minScore: 0.8 }, alert: { minRisk: 50 } })
  t.match(fleet, { version: 8, isSigned: true })
  t.match(
    effective.find(({ path }) => path === 'detect.minScore'),
    { value: 0.8, from: 'fleet' },
  )
  t.equal(standing(file, { ...state, trial: undefined }).config.detect.minScore, 0.9)
  t.equal(standing(file, undefined).config, file.config)
  const alone = filePart('alert: { minRisk: 50 }')
  t.equal(standing(alone, state).config, alone.config, 'a host that left its fleet has the file')
})

t.test('what another key signed, or somebody wrote to the disk, is not in force', async (t) => {
  const stranger = {
    ...good,
    text: fleetKey().sign({ version: 7, config: 'ship: { url: http://x }' }),
  }
  const { config, problem } = standing(file, { instanceId: state.instanceId, good: stranger })
  t.equal(config, file.config)
  t.match(problem, /not signed by a pinned key/)
})

t.test('what does not fit the file any more is not in force', async (t) => {
  const bad = {
    ...good,
    text: key.sign({ config: 'detect: { cronIntervalThreshold: { min: 9d } }' }),
  }
  const narrow = filePart(
    `{ fleet: { url: https://x/, publicKeys: [${key.publicText}] }, detect: { cronIntervalThreshold: { max: 1d } } }`,
  )
  const { problem } = standing(narrow, { instanceId: state.instanceId, good: bad })
  t.match(problem, /min must not be above max/)
})

t.test('two starts on trial without an orderly stop are enough', async (t) => {
  const second = afterStart(state, 5)
  t.equal(second.trial?.starts, 2)
  const third = afterStart(second, 9)
  t.equal(third.trial, undefined)
  t.match(third, {
    failedDigest: 'd8',
    good: { version: 7 },
    result: {
      state: 'failed',
      version: 8,
      message: /ended 2 times .*; back to version 7/,
      atMs: 9,
    },
  })
  t.equal(afterStart(afterStop(second), 5).trial?.starts, 1, 'an orderly stop counts for nothing')
  t.equal(afterStop({ instanceId: state.instanceId }).trial, undefined)
})

t.test('without a last known good it is the file', async (t) => {
  const { trial: _, ...rest } = state
  t.equal(givenUp(rest, 'x', 1), rest, 'nothing is on trial')
  const first = givenUp({ instanceId: state.instanceId, trial }, 'it is ill', 1)
  t.match(first.result?.message, 'it is ill; back to the file alone')
})
