import t from 'tap'
import { schema } from '../../../agent/config/schema.ts'

t.test('what the file leaves out has a default, and the defaults are valid', async (t) => {
  const settings = schema.parse({})
  t.strictSame(settings.log, { level: 'info' })
  t.equal(settings.ship.url, undefined)
  t.equal(settings.dataDir, undefined)
})

t.test('of credentials there is one kind', async (t) => {
  t.ok(schema.safeParse({ ship: { bearerFile: '/a' } }).success)
  t.notOk(schema.safeParse({ ship: { bearerFile: '/a', basicAuthFile: '/b' } }).success)
})

t.test('a client certificate comes with its key', async (t) => {
  t.ok(schema.safeParse({ ship: { clientCertFile: '/a', clientKeyFile: '/b' } }).success)
  t.notOk(schema.safeParse({ ship: { clientCertFile: '/a' } }).success)
})

t.test('the endpoint is a plain URL', async (t) => {
  for (const url of ['https://es.example.org:9200', 'http://127.0.0.1:8080/in']) {
    t.ok(schema.safeParse({ ship: { url } }).success, url)
  }
  for (const url of ['es.example.org', 'file:///etc/passwd', 'https://a:b@es.example.org', '']) {
    t.notOk(schema.safeParse({ ship: { url } }).success, url)
  }
})
