import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { fleetHttp } from '../../../agent/fleet/http.ts'

async function serve(t: Test, listener: RequestListener) {
  let connections = 0
  const server = createServer({ keepAliveTimeout: 60_000 }, listener).listen(0, '127.0.0.1')
  server.on('connection', () => connections++)
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/fleet.json?a=1`, connections: () => connections }
}

const bounds = { timeoutMs: 2_000, keepAliveMs: 60_000, maxAnswerBytes: 1_000 }

t.test('asks over one connection, and reads its token anew each time', async (t) => {
  const seen: unknown[] = []
  const { url, connections } = await serve(t, ({ url, headers }, response) => {
    seen.push([url, headers.authorization, headers['if-none-match']])
    response.writeHead(200, { etag: '"1"' }).end('hello')
  })
  const bearerFile = join(t.testdir({ token: 'one\n' }), 'token')
  const http = fleetHttp({ url, bearerFile, ...bounds })
  const answer = await http.ask({ method: 'GET' }, { 'if-none-match': '"0"' })
  t.match(answer, { status: 200, headers: { etag: '"1"' } })
  t.equal(answer.body.toString(), 'hello')
  writeFileSync(bearerFile, 'two\n')
  await http.ask({ method: 'GET' }, {})
  await http.close()
  t.strictSame(seen, [
    ['/fleet.json?a=1', 'Bearer one', '"0"'],
    ['/fleet.json?a=1', 'Bearer two', undefined],
  ])
  t.equal(connections(), 1)
})

t.test('an answer without end is no answer', async (t) => {
  const { url } = await serve(t, (_, response) => void response.end('x'.repeat(10_000)))
  const http = fleetHttp({ url, ...bounds })
  await t.rejects(http.ask({ method: 'GET' }, {}), { code: 'ERR_FLEET' })
  await http.close()
})

t.test('a server that is silent, or away, is said in one line', async (t) => {
  const { url } = await serve(t, () => {})
  const silent = fleetHttp({ url, ...bounds, timeoutMs: 50 })
  await t.rejects(silent.ask({ method: 'GET' }, {}), { message: /^127.*: no answer within 50 ms$/ })
  const away = fleetHttp({ url: 'http://127.0.0.1:1/', ...bounds })
  await t.rejects(away.ask({ method: 'GET' }, {}), { code: 'ERR_FLEET', message: /REFUSED/ })
  t.throws(() => fleetHttp({ url: 'file:///etc/passwd', ...bounds }), { code: 'ERR_ENDPOINT' })
})

t.test('a redirect is not followed: it would carry the token elsewhere', async (t) => {
  let times = 0
  const { url } = await serve(t, (_, response) => {
    times++
    response.writeHead(302, { location: '/other' }).end()
  })
  const http = fleetHttp({ url, ...bounds })
  t.match(await http.ask({ method: 'GET' }, {}), { status: 302 })
  await http.close()
  t.equal(times, 1)
})
