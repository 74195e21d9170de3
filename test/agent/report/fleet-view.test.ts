import t from 'tap'
import type { FleetStatus } from '../../../agent/control/status.ts'
import { fleetFacts } from '../../../agent/report/fleet-view.ts'
import { NOW_MS } from '../../support/status.ts'

const fleet: FleetStatus = {
  ...{ protocol: 'opamp', url: 'https://fleet.example.org/v1/opamp', failuresInRow: 0 },
  ...{ instanceId: '0199d0c0-1234-7fff-bfff-ffffffffffff', lastContactMs: NOW_MS - 12_000 },
}
const digest = '9d78670cb7900649bd511a1d9d7e2aa1'

t.test('no fleet, nothing to tell', async (t) => t.strictSame(fleetFacts(undefined, NOW_MS), []))

t.test('a fleet that has given nothing yet', async (t) => {
  t.strictSame(fleetFacts(fleet, NOW_MS), [
    'opamp https://fleet.example.org/v1/opamp; answered 12 s ago; this is 0199d0c0-1234-7fff-bfff-ffffffffffff',
    'in force: the local file alone',
  ])
})

t.test('source, version, hash, when, result', async (t) => {
  const told = fleetFacts(
    {
      ...fleet,
      ...{ failuresInRow: 4, failure: 'connect ECONNREFUSED' },
      current: {
        ...{ version: 7, digest, source: fleet.url, sinceMs: NOW_MS - 3_600_000 },
        ...{ isSigned: true, isOnTrial: true },
      },
      result: { state: 'failed', version: 8, digest, message: 'expired', atMs: NOW_MS - 60_000 },
    },
    NOW_MS,
  )
  t.match(told[0], /4 failures in a row: connect ECONNREFUSED/)
  t.match(told[1], /version 7 \(9d78670cb790\), signed, of https:.*, taken 1 h.* ago, on trial/)
  t.match(told[2], /last offer: version 8 \(9d78670cb790\) failed 1 min ago: expired/)
})

t.test('what is on disk and not in force', async (t) => {
  t.match(fleetFacts({ ...fleet, problem: 'unsigned' }, NOW_MS)[2], 'not in force: unsigned')
})
