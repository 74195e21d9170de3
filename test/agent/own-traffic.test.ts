import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import t from 'tap'
import { ownTraffic } from '../../agent/own-traffic.ts'
import { AgentError } from '../../platform/errors.ts'

function storeOf(earlier?: string) {
  const notes: string[] = []
  const store = {
    note: () => earlier,
    setNote: (_name: string, value: string) => void notes.push(value),
  }
  return { store, notes }
}

const START_MS = 1_000_000
const EARLIER_MS = START_MS - 500_000
const elsewhere = { ip: '203.0.113.9', port: 443 }
const flowOf = (rest: object) => ({
  source: undefined,
  destination: elsewhere,
  process: undefined,
  startMs: START_MS + 1,
  ...rest,
})

t.test("a connection of this process is the agent's own, another's is not", async (t) => {
  const { store, notes } = storeOf()
  const own = ownTraffic({ pid: 7, startedMs: START_MS, store })
  const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const { localAddress: ip = '', localPort = 0 } = socket
  t.ok(own.isOwn(flowOf({ source: { ip, port: localPort } })))
  t.notOk(own.isOwn(flowOf({ source: { ip, port } })), 'the server side is not')
  t.notOk(own.isOwn(flowOf({})))
  t.match(JSON.parse(notes.at(-1) ?? ''), {
    runs: [{ pid: 7, startedMs: START_MS }],
    destinations: [`127.0.0.1 ${port}`],
  })
  t.equal(notes.length, 2, 'at the start, and when it knew where to')
  const again = connect(port, '127.0.0.1')
  await once(again, 'connect')
  t.equal(notes.length, 2, 'the same place is no news')
  const late = connect(port, 'localhost')
  own.close()
  await once(late, 'connect')
  t.equal(notes.length, 2, 'nor is any when it is over')
  for (const one of [socket, again, late]) one.destroy()
  server.close()
})

t.test('what earlier runs did is known from their note, and only for then', async (t) => {
  const runs = [{ pid: 42, startedMs: EARLIER_MS }]
  const earlier = JSON.stringify({ runs, destinations: ['203.0.113.9 443'] })
  const own = ownTraffic({ pid: 7, startedMs: START_MS, store: storeOf(earlier).store })
  const agent = { pid: 42 }
  t.ok(own.isOwn(flowOf({ process: agent, startMs: START_MS - 1 })), 'its old pid')
  t.notOk(own.isOwn(flowOf({ process: agent })), 'another program has that pid now')
  t.notOk(own.isOwn(flowOf({ process: agent, startMs: EARLIER_MS - 1 })), 'or had it before')
  t.notOk(own.isOwn(flowOf({ process: { pid: 43 }, startMs: START_MS - 1 })))
  t.ok(own.isOwn(flowOf({ startMs: START_MS - 1 })), 'nobody’s, to where it went')
  t.notOk(own.isOwn(flowOf({})), 'but not since')
  const other = { ip: '203.0.113.10', port: 443 }
  t.notOk(own.isOwn(flowOf({ destination: other, startMs: START_MS - 1 })))
  own.close()
})

t.test('a note is bounded, and keeps the newest runs', async (t) => {
  let earlier: string | undefined
  for (let pid = 1; pid <= 20; pid++) {
    const { store, notes } = storeOf(earlier)
    ownTraffic({ pid, startedMs: pid, store }).close()
    earlier = notes.at(-1)
  }
  const { runs } = JSON.parse(earlier ?? '') as { runs: { pid: number }[] }
  t.strictSame(
    runs.map(({ pid }) => pid),
    [20, 19, 18, 17, 16, 15, 14, 13],
  )
})

t.test('a note that is none says nothing', async (t) => {
  for (const earlier of ['', '{"ru', '{}', 'null']) {
    const own = ownTraffic({ pid: 7, startedMs: START_MS, store: storeOf(earlier).store })
    t.notOk(own.isOwn(flowOf({ startMs: 1 })), earlier)
    own.close()
  }
})

t.test('a full disk costs the note, and nothing else', async (t) => {
  const setNote = (code: string) => () => {
    throw new AgentError(code, 'no')
  }
  const with_ = (code: string) =>
    ownTraffic({ pid: 7, startedMs: 1, store: { note: () => undefined, setNote: setNote(code) } })
  with_('ERR_STORE_FULL').close()
  t.throws(() => with_('ERR_STORE_IO'), { code: 'ERR_STORE_IO' })
})
