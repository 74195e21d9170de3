import fc from 'fast-check'
import t from 'tap'
import type { LsofSocket } from '../../../platform/macos/lsof.ts'
import { lsofTracker } from '../../../platform/macos/lsof-tracker.ts'
import { holds } from '../../support/holds.ts'

const socket = (port: number, facts: Partial<LsofSocket> = {}): LsofSocket => ({
  process: { pid: 7 },
  transport: 'tcp',
  source: { ip: '10.0.0.5', port },
  destination: { ip: '203.0.113.9', port: 443 },
  state: 'ESTABLISHED',
  ...facts,
})
const { destination: _, ...listener } = socket(80, { state: 'LISTEN' })
const ports = (sockets: readonly LsofSocket[]) => sockets.map(({ source }) => source.port)

t.test('tells what opened and what is over, each once', async (t) => {
  const { look } = lsofTracker()
  const steps = [[socket(1), socket(2)], [socket(2), socket(3)], [socket(2), socket(3)], []]
  const told = steps.map(look).map(({ opened, ended }) => [ports(opened), ports(ended)])
  t.strictSame(told, [
    [[1, 2], []],
    [[3], [1]],
    [[], []],
    [[], [2, 3]],
  ])
})

t.test('finds what is open by its ports', async (t) => {
  const { look, find } = lsofTracker()
  look([socket(1), socket(2, { transport: 'udp' }), listener, socket(80)])
  t.match(find(1, 443), { destination: { ip: '203.0.113.9' } })
  t.strictSame([find(1, 80), find(2, 443), find(80, 443)], [undefined, undefined, undefined])
  look([])
  t.equal(find(1, 443), undefined)
})

t.test('what came in stays so when its listener closes', async (t) => {
  const { look } = lsofTracker()
  t.strictSame(look([listener, socket(80)]), { opened: [], ended: [] })
  t.strictSame(look([socket(80)]), { opened: [], ended: [] })
  t.strictSame(look([]), { opened: [], ended: [] })
})

t.test('a connection that is not up yet is told when it is', async (t) => {
  const { look } = lsofTracker()
  t.strictSame(ports(look([socket(1, { state: 'SYN_SENT' })]).opened), [])
  t.strictSame(ports(look([socket(1)]).opened), [1])
})

t.test('one that is closing is the same connection', async (t) => {
  const { look } = lsofTracker()
  look([socket(1)])
  t.strictSame(look([socket(1, { state: 'CLOSE_WAIT' })]), { opened: [], ended: [] })
})

t.test('a connection of several processes is the first one’s, until none has it', async (t) => {
  const { look } = lsofTracker()
  const child = socket(1, { process: { pid: 8 } })
  t.match(look([socket(1), child]).opened, [{ process: { pid: 7 } }])
  t.strictSame(look([child]), { opened: [], ended: [] })
  t.match(look([]).ended, [{ process: { pid: 7 } }])
})

t.test('properties', async (t) => {
  const sockets = fc.array(fc.nat(5).map((port) => socket(port)))
  const balanced = fc.property(fc.array(sockets), (looks) => {
    const { look } = lsofTracker()
    const all = [...looks, []].map(look)
    const opened = all.flatMap((one) => ports(one.opened)).sort()
    const ended = all.flatMap((one) => ports(one.ended)).sort()
    t.strictSame(ended, opened)
  })
  holds(t, 'what opened ends exactly once', balanced, { numRuns: 50 })
})
