import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openAuditInbox } from '../../../platform/linux/audit-inbox-collector.ts'

const never = new AbortController().signal
const LONG_MS = 60_000

/** A dispatcher that takes one client. The path of a socket is short, so tap's folders do not do. */
async function dispatcher(t: Test) {
  const folder = mkdtempSync(join(tmpdir(), 'audit-'))
  const path = join(folder, 'events')
  const server = createServer()
  const client = new Promise<Socket>((resolve) => server.once('connection', resolve))
  await new Promise<void>((resolve) => server.listen(path, resolve))
  t.teardown(async () => {
    ;(await client).destroy()
    server.close()
    rmSync(folder, { recursive: true })
  })
  return { path, client }
}

t.test('hands out whole lines, wherever the bytes were split', async (t) => {
  const { path, client } = await dispatcher(t)
  const inbox = await openAuditInbox(['/nonexistent/events', path], Date.now)
  t.equal(inbox.path, path)
  const socket = await client
  socket.write('one\ntw')
  while (inbox.heldBytes < 6) await inbox.wait(LONG_MS, 0, never)
  t.strictSame(inbox.fetch(), ['one'])
  socket.write('o\n')
  while (inbox.heldBytes < 2) await inbox.wait(LONG_MS, 0, never)
  t.strictSame(inbox.fetch(), ['two'])
  t.equal(inbox.firstLine, 'one')
  inbox.close()
})

t.test('a wait ends when auditd goes, and what it sent is still there', async (t) => {
  const { path, client } = await dispatcher(t)
  const inbox = await openAuditInbox([path], Date.now)
  ;(await client).end('last\n')
  while (!inbox.isClosed) await inbox.wait(LONG_MS, 5, never)
  t.strictSame(inbox.fetch(), ['last'])
})

t.test('while little comes it is read once a gathering, and all of it', async (t) => {
  const { path, client } = await dispatcher(t)
  const inbox = await openAuditInbox([path], Date.now)
  const socket = await client
  socket.write('first\n')
  const wait = inbox.wait(LONG_MS, 100, never)
  while (inbox.heldBytes === 0) await new Promise((resolve) => setImmediate(resolve))
  socket.write('second\n')
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  t.equal(inbox.heldBytes, 6, 'left in the socket')
  await wait
  t.strictSame(inbox.fetch(), ['first', 'second'])
  inbox.close()
})

t.test('a wait ends when the agent stops', async (t) => {
  const { path } = await dispatcher(t)
  const inbox = await openAuditInbox([path], Date.now)
  const stop = new AbortController()
  const wait = inbox.wait(LONG_MS, LONG_MS, stop.signal)
  stop.abort()
  await wait
  t.equal(inbox.heldBytes, 0)
  inbox.close()
})

t.test('no socket is a lost source, with the remedy', async (t) => {
  await t.rejects(openAuditInbox(['/nonexistent/a', '/nonexistent/b'], Date.now), {
    code: 'ERR_SOURCE_UNAVAILABLE',
    message: '/nonexistent/a: is not there; /nonexistent/b: is not there',
    remedy: /active = yes/,
  })
})

t.test(
  'in a flood it hands out a share at a time, and knows how long it has held the rest',
  async (t) => {
    const { path, client } = await dispatcher(t)
    let nowMs = 0
    const inbox = await openAuditInbox([path], () => nowMs)
    const socket = await client
    t.equal(inbox.heldSinceMs, undefined)
    const line = `${'x'.repeat(1023)}\n`
    socket.write(line.repeat(4 * 1024))
    while (inbox.heldBytes < 4 << 20) await new Promise((resolve) => setImmediate(resolve))
    nowMs = 5_000
    socket.write('last\n')
    while (inbox.heldBytes < (4 << 20) + 5) await new Promise((resolve) => setImmediate(resolve))
    t.equal(inbox.heldSinceMs, 0)
    const share = inbox.fetch().length
    t.ok(share >= 1024 && share < 1100, `${share} of 4096 records`)
    t.equal(inbox.skip(0), 0, 'nothing is that old')
    const skipped = inbox.skip(5_000)
    t.ok(inbox.heldBytes <= 1 << 20, 'the newest stay')
    const rest = inbox.fetch()
    t.equal(share + skipped + rest.length, 4097, 'and nothing is lost uncounted')
    t.equal(rest.at(-1), 'last')
    t.equal(inbox.heldSinceMs, undefined)
    inbox.close()
  },
)
