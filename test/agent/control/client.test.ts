import { createServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { askAgent } from '../../../agent/control/client.ts'
import { socketFolder } from '../../support/socket-folder.ts'

/** A listener that says `bytes` to whoever comes; `undefined` says nothing and stays. */
async function stranger(t: Test, bytes: string | undefined): Promise<string> {
  const path = join(socketFolder(t), 'control.sock')
  const server = createServer((client) => {
    client.on('error', () => {})
    if (bytes !== undefined) client.end(bytes)
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  t.teardown(() => server.close())
  return path
}

t.test('nobody there is no error', async (t) => {
  const path = join(socketFolder(t), 'control.sock')
  t.equal(await askAgent(path, { request: 'status' }), undefined)
  t.equal(await askAgent(join(path, 'x', 'y'), { request: 'status' }), undefined)
})

t.test('a refusal is told with its reason', async (t) => {
  const path = await stranger(t, '{"ok":false,"reason":"busy"}\n')
  await t.rejects(askAgent(path, { request: 'status' }), {
    code: 'ERR_CONTROL',
    message: `${path}: busy`,
  })
})

t.test('a stranger at the socket is told apart from an agent', async (t) => {
  await t.rejects(askAgent(await stranger(t, 'HTTP/1.1 400\r\n'), { request: 'status' }), {
    message: /none of ours/,
  })
  await t.rejects(askAgent(await stranger(t, ''), { request: 'status' }), { code: 'ERR_CONTROL' })
})

t.test('patience and memory end', async (t) => {
  const silent = await stranger(t, undefined)
  await t.rejects(askAgent(silent, { request: 'status' }, 20), { message: /did not answer/ })
  const endless = await stranger(t, 'x'.repeat(5 * 1024 * 1024))
  await t.rejects(askAgent(endless, { request: 'status' }), { message: /too long/ })
})
