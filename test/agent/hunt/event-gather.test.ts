import t from 'tap'
import type { RecordedTransfer } from '../../../agent/correlate/transfers.ts'
import { eventGather } from '../../../agent/hunt/event-gather.ts'
import type { Connection, Event, Schedule } from '../../../platform/event.ts'
import type { Gap } from '../../../storage/series.ts'

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

type Given = readonly [host: string, event: Event, place?: string]

function pour(given: readonly Given[], maxHeld?: number) {
  const found = new Map<string, RecordedTransfer['transfer']>()
  const gather = eventGather(({ name, place, transfers }) => {
    for (const { transfer } of transfers) {
      found.set(`${name || place} ${transfer.startMs - START}`, transfer)
    }
  }, maxHeld)
  for (const [host, event, place = '/logs'] of given) gather.add(host, place, event)
  gather.end()
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

t.test('records without a name are of the one host that their place names', async (t) => {
  const found = pour([
    ['', connection(0), '/a'],
    ['web1', connection(5), '/a'],
    ['', connection(1), '/b'],
    ['web1', connection(16), '/b'],
    ['web2', connection(7), '/b'],
    ['', connection(2), '/c'],
  ])
  const hosts = ['/b 1000', '/c 2000', 'web1 0', 'web1 16000', 'web1 5000', 'web2 7000']
  t.strictSame([...found.keys()].sort(), hosts)
})

t.test('however many there are, few are held, and their order is mended', async (t) => {
  // Each is told up to 20 places from where it belongs.
  const seconds = Array.from({ length: 2_000 }, (_, i) => (i - (i % 20) + ((i * 7) % 20)) * 60)
  const given = seconds.map((at): Given => ['a', connection(at)])
  const few = pour(given, 50)
  const all = pour(given)
  t.equal(few.size, 2_000)
  t.strictSame([...few.keys()], [...all.keys()], 'as if all had been held')
})

t.test('all of one instant are no reason to stop', async (t) => {
  t.equal(
    pour(
      Array.from({ length: 30 }, (): Given => ['a', connection(3)]),
      10,
    ).size,
    1,
  )
})

t.test('jobs and blind spans of a host are kept', async (t) => {
  const gaps: Gap[] = []
  const gather = eventGather(({ gaps: more }) => gaps.push(...more))
  const schedule: Schedule = { id: 'cron:1', scheduler: 'cron', trigger: '@daily', command: '/a' }
  gather.add('a', '/', {
    ...{ kind: 'schedule-change', change: 'found', atMs: 0, dataset: 'linux.schedules' },
    schedule,
  })
  gather.add('a', '/', {
    ...{ kind: 'loss', atMs: START + 9_000, fromMs: START, dataset: 'linux.audit' },
    reason: 'overrun',
  })
  gather.end()
  t.strictSame(gather.schedulesOf({ name: 'a', place: '/elsewhere' }), [schedule])
  t.match(gaps, [{ fromMs: START, toMs: START + 9_000 }])
})
