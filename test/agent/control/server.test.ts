import { statSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { askAgent } from '../../../agent/control/client.ts'
import { type ControlHandlers, serveControl } from '../../../agent/control/server.ts'
import { socketFolder } from '../../support/socket-folder.ts'
import { aFinding, anAlert, aStatus } from '../../support/status.ts'

const handlers: ControlHandlers = {
  status: () => aStatus,
  findings: () => [aFinding, aFinding],
  alerts: async () => [anAlert],
}

async function serve(t: Test, more: { handlers?: ControlHandlers; clientMs?: number } = {}) {
  const path = join(socketFolder(t), 'control.sock')
  const server = await serveControl({ path, handlers, ...more })
  t.teardown(() => server.close())
  return { path, server }
}

/** All that the server says to `bytes`, until it hangs up. */
function say(path: string, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let heard = ''
    const socket = connect(path, () => socket.write(bytes))
    socket.on('data', (chunk) => {
      heard += chunk
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(heard))
  })
}

t.test('answers what is asked, and no more than was asked for', async (t) => {
  const { path } = await serve(t)
  t.strictSame(await askAgent(path, { request: 'status' }), aStatus)
  t.strictSame(await askAgent(path, { request: 'findings', limit: 1 }), [aFinding])
  t.strictSame(await askAgent(path, { request: 'alerts', limit: 9 }), [anAlert])
})

t.test('the socket is its owner only', async (t) => {
  const umask = process.umask()
  const { path } = await serve(t)
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.equal(process.umask(), umask, 'files made later are not touched')
})

t.test('a second agent on the same folder is refused', async (t) => {
  const { path } = await serve(t)
  await t.rejects(serveControl({ path, handlers }), { code: 'ERR_ALREADY_RUNNING' })
  t.ok(await askAgent(path, { request: 'status' }), 'the first one still answers')
})

t.test('the socket of a killed agent is replaced', async (t) => {
  const path = join(socketFolder(t), 'control.sock')
  const killed = createServer()
  await new Promise<void>((resolve) => killed.listen(path, resolve))
  // Node removes a socket that it closes, and a killed process does not.
  const { renameSync } = await import('node:fs')
  renameSync(path, `${path}.kept`)
  await new Promise((resolve) => killed.close(resolve))
  renameSync(`${path}.kept`, path)
  const server = await serveControl({ path, handlers })
  t.teardown(() => server.close())
  t.ok(await askAgent(path, { request: 'status' }))
})

t.test('a file that is no socket is left alone', async (t) => {
  const path = join(socketFolder(t), 'control.sock')
  writeFileSync(path, 'precious')
  await t.rejects(serveControl({ path, handlers }), { code: 'ERR_CONTROL', message: /no socket/ })
  t.equal(statSync(path).size, 8)
})

t.test('a folder that is missing and a path that is too long are told by name', async (t) => {
  const path = join(socketFolder(t), 'missing', 'control.sock')
  await t.rejects(serveControl({ path, handlers }), {
    code: 'ERR_CONTROL',
    message: /missing.*EACCES/,
  })
  const long = join(socketFolder(t), 'x'.repeat(100), 'control.sock')
  await t.rejects(serveControl({ path: long, handlers }), { message: /too long a path/ })
})

t.test('nonsense and long talk are answered with a reason', async (t) => {
  const { path } = await serve(t)
  t.match(await say(path, 'GET / HTTP/1.1\n'), '"ok":false')
  t.match(await say(path, 'x'.repeat(5_000)), 'too long')
  t.match(await say(path, `{"request":"status"${' '.repeat(5_000)}}\n`), 'too long')
  t.match(await say(path, '{"request":"status"}\n{"request":"status"}\n'), '"ok":true')
  t.ok(await askAgent(path, { request: 'status' }), 'and it still serves')
})

t.test('a request may come in pieces', async (t) => {
  const { path } = await serve(t)
  const heard = await new Promise<string>((resolve) => {
    let all = ''
    const socket: Socket = connect(path, () => {
      socket.write('{"request":')
      setImmediate(() => socket.write('"status"}\n'))
    })
    socket.on('data', (chunk) => {
      all += chunk
    })
    socket.on('close', () => resolve(all))
  })
  t.match(heard, '"ok":true')
})

t.test('a silent client is hung up on', async (t) => {
  const { path } = await serve(t, { clientMs: 30 })
  t.equal(await say(path, '{"request":'), '')
})

t.test('a ninth client waits for no one', async (t) => {
  const { path } = await serve(t)
  const silent = await Promise.all(
    Array.from({ length: 8 }, () => {
      return new Promise<Socket>((resolve) => {
        const socket: Socket = connect(path, () => resolve(socket))
      })
    }),
  )
  t.teardown(() => silent.forEach((socket) => void socket.destroy()))
  // Connections are taken in order: the last of the eight is there when the ninth is refused.
  await t.rejects(askAgent(path, { request: 'status' }), { code: 'ERR_CONTROL' })
})

t.test('a handler that fails is told to the client, and harms no one else', async (t) => {
  const { path } = await serve(t, {
    handlers: {
      ...handlers,
      status: () => {
        throw new Error('the database is busy')
      },
    },
  })
  await t.rejects(askAgent(path, { request: 'status' }), { message: /the database is busy/ })
  t.ok(await askAgent(path, { request: 'alerts', limit: 1 }))
})

t.test('closing hangs up and removes the socket', async (t) => {
  const { path, server } = await serve(t)
  const waiting = say(path, '')
  await server.close()
  t.equal(await waiting, '')
  t.equal(await askAgent(path, { request: 'status' }), undefined)
})
