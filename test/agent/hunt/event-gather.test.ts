import t from 'tap'
import type { RecordedTransfer } from '../../../agent/correlate/transfers.ts'
import { eventGather } from '../../../agent/hunt/event-gather.ts'
import type { Connection, Event } from '../../../platform/event.ts'

const START = Date.UTC(2024, 0, 1)
const connection = (seconds: number, dataset = 'windows.sysmon'): Connection => ({
  kind: 'connection',
  phase: 'start',
  atMs: START + seconds * 1000,
  dataset,
  transport: 'tcp',
  source: { ip: '10.0.0.5', port: 50_000 + seconds },
  destination: { ip: '10.9.9.9', port: 80 },
  ...(dataset === 'windows.sysmon' && {
    process: { pid: 7, entityId: '{A}', executable: 'C:\\a.exe' },
  }),
})

function pour(given: readonly (readonly [host: string, event: Event])[]) {
  const gather = eventGather()
  for (const [host, event] of given) gather.add(host, event)
  const found = new Map<string, RecordedTransfer['transfer']>()
  gather.pour((host, { transfer }) => found.set(`${host} ${transfer.startMs - START}`, transfer))
  return found
}

t.test('events become transfers, whatever their order', async (t) => {
  const found = pour([
    ['a', connection(10)],
    ['a', connection(0)],
    ['a', connection(5)],
  ])
  t.strictSame([...found.keys()], ['a 0', 'a 5000', 'a 10000'])
  t.match(found.get('a 5000'), {
    actor: 'C:\\a.exe',
    sourceIp: '10.0.0.5',
    connections: 1,
    lineage: [{ pid: 7 }],
  })
})

t.test('hosts are kept apart', async (t) => {
  const found = pour([
    ['a', connection(0)],
    ['b', connection(0)],
  ])
  t.strictSame([...found.keys()], ['a 0', 'b 0'])
})

t.test('a name counts from when it was resolved', async (t) => {
  const name: Event = {
    kind: 'name-resolved',
    atMs: START + 4000,
    dataset: 'windows.sysmon',
    domain: 'cdn.example',
    addresses: ['10.9.9.9'],
  }
  const found = pour([
    ['a', connection(5)],
    ['a', name],
    ['a', connection(0)],
  ])
  t.strictSame([found.get('a 0')?.domain, found.get('a 5000')?.domain], [undefined, 'cdn.example'])
})

t.test('where Sysmon tells of connections, the Security log does not count', async (t) => {
  const security = connection(3, 'windows.security')
  const both = pour([
    ['a', connection(0)],
    ['a', security],
    ['b', security],
  ])
  t.strictSame([...both.keys()].sort(), ['a 0', 'b 3000'])
})

t.test('what was poured is forgotten', async (t) => {
  const gather = eventGather()
  gather.add('a', connection(0))
  gather.pour(() => {})
  gather.pour(() => t.fail('it comes once'))
  t.equal(gather.dropped, 0)
})
