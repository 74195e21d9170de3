import t from 'tap'
import { connections } from '../../../agent/correlate/connections.ts'
import { lineage } from '../../../agent/correlate/lineage.ts'
import { runOf } from '../../../agent/correlate/run.ts'
import { transfers } from '../../../agent/correlate/transfers.ts'

const NOW = 1_700_000_000_000
const destination = { ip: '192.0.2.1', port: 443 }

function setUp() {
  const flows = connections()
  const all = lineage({ bootId: 'boot', maxProcesses: 100 })
  const made = transfers(2_000)
  let port = 40_000
  return {
    made,
    connect(atMs: number, pid: number, sentBytes?: number) {
      const source = { ip: '198.51.100.7', port: port++ }
      const flow = flows.see({
        ...{
          kind: 'connection',
          phase: 'end',
          dataset: 'test',
          transport: 'tcp',
          atMs,
          source,
          destination,
        },
        ...(sentBytes !== undefined && { sentBytes }),
      })
      const process = all.of({ pid, executable: '/opt/job' }, atMs)
      made.see(flow, () => ({ run: runOf([process]), schedule: undefined, domain: undefined }))
      return flow
    },
  }
}

t.test('twenty connections of one run are one transfer, with the sum of their bytes', async (t) => {
  const { made, connect } = setUp()
  for (let i = 0; i < 20; i++) connect(NOW + i * 500, 7, 100)
  const changed = made.changed()
  t.equal(changed.length, 1)
  t.match(changed[0]?.transfer, {
    startMs: NOW,
    endMs: NOW + 9_500,
    connections: 20,
    sentBytes: 2_000,
  })
})

t.test('the next run is another transfer of the same series', async (t) => {
  const { made, connect } = setUp()
  connect(NOW, 7)
  connect(NOW + 60_000, 7)
  connect(NOW + 60_500, 8)
  const changed = made.changed()
  t.equal(changed.length, 3, 'quiet, and another process, each begin one')
  t.equal(new Set(changed.map(({ identity }) => identity.key)).size, 1)
})

t.test('bytes that nobody counted are unknown, not zero', async (t) => {
  const { made, connect } = setUp()
  connect(NOW, 7)
  t.notOk('sentBytes' in (made.changed()[0]?.transfer ?? {}))
  connect(NOW + 1, 7, 0)
  t.equal(made.changed()[0]?.transfer.sentBytes, 0)
})

t.test('only what changed is handed on', async (t) => {
  const { made, connect } = setUp()
  const flow = connect(NOW, 7)
  t.equal(made.changed().length, 1)
  t.equal(made.changed().length, 0)
  made.see(flow, () => {
    throw new Error('the sender is asked once')
  })
  t.equal(made.changed().length, 1)
})

t.test('a program that never rests does not grow one transfer for ever', async (t) => {
  const { made, connect } = setUp()
  for (let i = 0; i < 3_000; i++) connect(NOW + i * 1_000, 7)
  t.ok(made.changed().length > 3)
  made.forget(NOW + 24 * 3_600_000)
  t.equal(made.size, 0)
})

t.test('a masked destination names the series, and one in clear is told', async (t) => {
  const flows = connections()
  const made = transfers(2_000)
  const mask = { ip: 'masked:Hostname#38445e48', port: 443 }
  const sender = () => ({ run: undefined, schedule: undefined, domain: undefined })
  const seen = (dataset: string, place: typeof mask) =>
    made.see(
      flows.see({
        ...{ kind: 'connection', phase: 'progress', atMs: NOW, dataset, destination: place },
        source: { ip: 'masked:C9.500', port: 0 },
      }),
      sender,
    )
  seen('macos.unified_log', mask)
  const [first] = made.changed()
  t.match(first, { identity: { destinationIp: mask.ip }, transfer: { destination: mask } })
  seen('macos.lsof', destination)
  const [better] = made.changed()
  t.match(better, { identity: first?.identity, transfer: { destination, connections: 1 } })
  t.equal(better?.transfer.sourceIp, undefined, 'a mask is no address of this host')
})

t.test('a flood of runs is held within a bound, and its newest go on', async (t) => {
  const { made, connect } = setUp()
  for (let i = 0; i < 21_000; i++) connect(NOW + i, 100_000 + i)
  t.equal(made.size, 20_000)
  made.changed()
  connect(NOW + 21_500, 120_999)
  t.match(made.changed(), [{ transfer: { connections: 2 } }])
})
