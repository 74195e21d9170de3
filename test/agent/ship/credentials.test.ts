import { join } from 'node:path'
import t from 'tap'
import { credentialHeaders } from '../../../agent/ship/credentials.ts'

t.test('each kind of credential is told as its scheme wants it', async (t) => {
  const dir = t.testdir({
    encoded: 'aWQ6a2V5\n',
    plain: 'id:key\n',
    basic: 'elastic:pass\n',
    bearer: 'token\n',
  })
  const of = (name: string, file: string) => credentialHeaders({ [name]: join(dir, file) })
  t.strictSame(of('apiKeyFile', 'encoded'), { authorization: 'ApiKey aWQ6a2V5' })
  t.strictSame(of('apiKeyFile', 'plain'), { authorization: 'ApiKey aWQ6a2V5' })
  t.strictSame(of('basicAuthFile', 'basic'), { authorization: `Basic ${btoa('elastic:pass')}` })
  t.strictSame(of('bearerFile', 'bearer'), { authorization: 'Bearer token' })
  t.strictSame(credentialHeaders({}), {})
})

t.test('more headers come a line each', async (t) => {
  const text = '# for the SOAR\nX-Token: s3:cret \r\n\nx-tenant:blue\n'
  const headersFile = join(t.testdir({ headers: text }), 'headers')
  t.strictSame(credentialHeaders({ headersFile }), { 'x-token': 's3:cret', 'x-tenant': 'blue' })
})

t.test('what is no header names its line, and not what it says', async (t) => {
  const dir = t.testdir({ a: 'ok: 1\njust-the-secret\n', b: 'x: a\u0000b', c: 'x y: 1' })
  for (const [file, line] of Object.entries({ a: 2, b: 1, c: 1 })) {
    const headersFile = join(dir, file)
    const message = `${headersFile}:${line}: is no header`
    t.throws(() => credentialHeaders({ headersFile }), { code: 'ERR_ENDPOINT', message })
  }
})

t.test('a key that cannot be read names its file', async (t) => {
  t.throws(() => credentialHeaders({ apiKeyFile: '/nonexistent/key' }), {
    code: 'ERR_ENDPOINT',
    message: '/nonexistent/key: cannot be read (ENOENT)',
  })
})
