import fc from 'fast-check'
import t from 'tap'
import { connections, type Flow } from '../../../agent/correlate/connections.ts'
import type { Connection } from '../../../platform/event.ts'
import { holds } from '../../support/holds.ts'

const NOW = 1_700_000_000_000
const destination = { ip: '192.0.2.1', port: 443 }
const source = (port: number) => ({ ip: '198.51.100.7', port })

const audit = (atMs: number, pid = 7): Connection => ({
  ...{
    kind: 'connection',
    phase: 'start',
    dataset: 'linux.audit',
    atMs,
    destination,
    process: { pid },
  },
})
const proc = (atMs: number, port: number, pid?: number): Connection => ({
  ...{
    kind: 'connection',
    phase: 'start',
    dataset: 'linux.proc_net',
    transport: 'tcp',
    atMs,
    destination,
  },
  ...{ source: source(port), ...(pid !== undefined && { process: { pid } }) },
})
const conntrack = (
  atMs: number,
  port: number,
  sentBytes: number,
  phase: 'progress' | 'end' = 'end',
): Connection => ({
  ...{ kind: 'connection', phase, dataset: 'linux.conntrack', transport: 'tcp', atMs, destination },
  ...{ source: source(port), sentBytes, receivedBytes: 10 },
})

/** The distinct flows that these observations make. */
function flowsOf(events: readonly Connection[]): readonly Flow[] {
  const all = connections()
  return [...new Set(events.map((event) => all.see(event)))]
}

t.test('a mask for this host’s end is one connection, wherever it is seen to go', async (t) => {
  const own = { ip: 'masked:C9.500', port: 0 }
  const masked = { ip: 'masked:Hostname#38445e48', port: 443 }
  const logged = { ...proc(NOW, 0, 500), dataset: 'macos.unified_log', source: own }
  const all = connections()
  const [first, second, third] = [
    all.see({ ...logged, destination: masked, sentBytes: 5 }),
    all.see({ ...logged, dataset: 'macos.lsof', destination }),
    all.see({ ...logged, dataset: 'macos.nettop', destination, sentBytes: 7 }),
  ]
  t.equal(first, second)
  t.equal(second, third)
  t.match(third, { destination, sentBytes: 7 })
  const kernels = { ...logged, source: { ip: 'masked:IPv4', port: 61_500 } }
  const other = { ip: 'masked:IPv4', port: 443 }
  t.not(all.see({ ...kernels, destination: other }), all.see({ ...kernels, destination }))
})

t.test('audit, /proc and conntrack see one connection', async (t) => {
  const flows = flowsOf([
    audit(NOW),
    proc(NOW + 1_500, 40_001),
    conntrack(NOW + 9_000, 40_001, 500),
  ])
  t.equal(flows.length, 1)
  t.match(flows[0], {
    startMs: NOW,
    source: source(40_001),
    process: { pid: 7 },
    sentBytes: 500,
    transport: 'tcp',
  })
  t.strictSame(
    [...(flows[0]?.datasets ?? [])],
    ['linux.audit', 'linux.proc_net', 'linux.conntrack'],
  )
})

t.test('it does not matter who is first', async (t) => {
  const [flow, ...more] = flowsOf([
    conntrack(NOW + 100, 40_001, 500),
    proc(NOW + 200, 40_001, 7),
    audit(NOW),
  ])
  t.strictSame(more, [])
  t.match(flow, { startMs: NOW, process: { pid: 7 }, sentBytes: 500 })
})

t.test('two connections at once stay two, each with its own bytes', async (t) => {
  const events = [
    audit(NOW),
    audit(NOW + 1),
    conntrack(NOW + 50, 40_001, 100),
    conntrack(NOW + 51, 40_002, 200),
  ]
  t.strictSame(
    flowsOf(events).map(({ sentBytes }) => sentBytes),
    [100, 200],
  )
})

t.test("another process's connection is not claimed", async (t) => {
  t.equal(flowsOf([audit(NOW, 7), proc(NOW + 100, 40_001, 8)]).length, 2)
})

t.test('a connection far away in time is another one', async (t) => {
  t.equal(flowsOf([audit(NOW), proc(NOW + 60_000, 40_001)]).length, 2)
})

t.test('the same ports again are a new connection, once the old one has ended', async (t) => {
  const events = [proc(NOW, 40_001), conntrack(NOW + 500, 40_001, 100), proc(NOW + 90_000, 40_001)]
  t.equal(flowsOf(events).length, 2)
})

t.test('counts grow, and a late smaller one does not shrink them', async (t) => {
  const events = [
    conntrack(NOW, 40_001, 100, 'progress'),
    conntrack(NOW + 1, 40_001, 900),
    conntrack(NOW + 2, 40_001, 850),
  ]
  t.strictSame(
    flowsOf(events).map(({ sentBytes }) => sentBytes),
    [900],
  )
})

t.test('what is over is forgotten', async (t) => {
  const all = connections()
  for (let i = 0; i < 100; i++) all.see(proc(NOW + i, 40_000 + i))
  t.equal(all.size, 100)
  all.forget(NOW + 60 * 60_000)
  t.equal(all.size, 0)
})

t.test('properties', async (t) => {
  const gaps = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 20 })
  holds(
    t,
    'n connections, each seen by all three, are n',
    fc.property(gaps, (spaces) => {
      let atMs = NOW
      const events = spaces.flatMap((space, i) => {
        atMs += space
        return [
          audit(atMs, i),
          proc(atMs + 800, 40_000 + i, i),
          conntrack(atMs + 900, 40_000 + i, i),
        ]
      })
      const flows = flowsOf(events.sort((a, b) => a.atMs - b.atMs))
      return (
        flows.length === spaces.length &&
        flows.every(({ sentBytes, process }) => sentBytes === process?.pid)
      )
    }),
  )
})

t.test('a flood is held within a bound, and what is still told of stays', async (t) => {
  const all = connections()
  const told = all.see(proc(NOW, 1))
  for (let i = 0; i < 51_000; i++) {
    if (i % 10_000 === 0) t.equal(all.see({ ...proc(NOW, 1), phase: 'progress' }), told)
    all.see({ ...proc(NOW, i % 60_000), destination: { ip: `192.0.2.${i % 250}`, port: 1 + i } })
  }
  t.equal(all.size, 50_000)
  t.equal(all.see({ ...proc(NOW, 1), phase: 'progress' }), told)
})
