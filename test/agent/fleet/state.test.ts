import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type FleetState, inForce, newInstanceId, stateFile } from '../../../agent/fleet/state.ts'

const kept = { text: 'detect: {}', offerHash: 'aa', digest: 'bb', source: 'https://x/', atMs: 1 }
const state: FleetState = { instanceId: newInstanceId(1_000), good: kept }

t.test('is written whole, and for its owner alone', async (t) => {
  const dataDir = join(t.testdir(), 'data')
  const file = stateFile(dataDir)
  t.equal(file.load(), undefined)
  file.save(state)
  file.save({ ...state, highestVersion: 7 })
  t.strictSame(stateFile(dataDir).load(), { ...state, highestVersion: 7 })
  t.equal(statSync(join(dataDir, 'fleet.json')).mode & 0o777, 0o600)
})

t.test('a damaged file is none', async (t) => {
  const dataDir = t.testdir({ 'fleet.json': '{"instanceId": 7}' })
  t.equal(stateFile(dataDir).load(), undefined)
  writeFileSync(join(dataDir, 'fleet.json'), '{')
  t.equal(stateFile(dataDir).load(), undefined)
})

t.test('a folder that cannot be written is said', async (t) => {
  const dataDir = t.testdir({ data: 'a file' })
  t.throws(() => stateFile(join(dataDir, 'data')).save(state), { code: 'ERR_FLEET' })
  t.equal(readFileSync(join(dataDir, 'data'), 'utf8'), 'a file')
})

t.test('in force is what is on trial, else what was good', async (t) => {
  t.equal(inForce(undefined), undefined)
  t.equal(inForce(state)?.digest, 'bb')
  t.equal(inForce({ ...state, trial: { ...kept, digest: 'cc', starts: 1 } })?.digest, 'cc')
})

t.test('an instance id is a UUID of version 7 that begins with its time', async (t) => {
  const id = newInstanceId(0x0199_d0c0_1234, () => Buffer.alloc(10, 0xff))
  t.equal(id, '0199d0c0-1234-7fff-bfff-ffffffffffff')
  t.not(newInstanceId(1), newInstanceId(1))
})
