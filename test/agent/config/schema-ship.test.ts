import t from 'tap'
import { toConfig } from '../../../agent/config/config.ts'
import { parseConfig } from '../../../agent/config/parse.ts'
import { schema } from '../../../agent/config/schema.ts'

const problemsOf = (ship: object): string => {
  const parsed = parseConfig(JSON.stringify({ ship }))
  return parsed.ok ? '' : parsed.problems.map(({ message }) => message).join('\n')
}
const url = 'https://es.example:9200'
const pin = `sha256//${'A'.repeat(43)}=`

t.test('ship itself is one output, and has room for more', async (t) => {
  const outputs = { soc: { url }, archive: { path: '/var/log/tw.ndjson', maxSize: '8MiB' } }
  const { ship } = toConfig(schema.parse({ ship: { url: [url, `${url}/b`], outputs } }))
  t.match(ship, { url: [url, `${url}/b`], healthIntervalMs: 300_000, format: 'elasticsearch' })
  t.match(ship.outputs, {
    soc: { url, timeoutMs: 30_000, dataStream: 'logs-tidewatch.alert-default' },
    archive: { path: '/var/log/tw.ndjson', maxSizeBytes: 8 * 2 ** 20, maxFiles: 5 },
  })
})

t.test('an output may have any name that a path can have', async (t) => {
  for (const name of ['ms', 'bytes', 'soc-2_b']) {
    const { ship } = toConfig(schema.parse({ ship: { outputs: { [name]: { url } } } }))
    t.match(ship.outputs, { [name]: { url, timeoutMs: 30_000 } })
  }
  for (const name of ['', 'Soc', '2', 'a.b', 'x'.repeat(33)]) {
    t.match(problemsOf({ outputs: { [name]: { url } } }), /must be named in lower case/, name)
  }
})

for (const [ship, problem] of [
  [{ url, path: '/a' }, /url and path exclude each other/],
  [{ url: [] }, /ship\.url: must be an http/],
  [{ url: ['https://me:pw@x/'] }, /ship\.url/],
  [{ apiKeyFile: '/a', bearerFile: '/b' }, /exclude each other/],
  [{ clientCertFile: '/a' }, /belong together/],
  [{ url, compression: 'zstd' }, /zstd is for format ndjson/],
  [{ url, method: 'PUT' }, /PUT is for format ndjson/],
  [{ url: 'http://x/', pinnedKeys: [pin] }, /need a url with https/],
  [{ url, pinnedKeys: ['sha256//short'] }, /must be sha256\/\/ and 44/],
  [{ outputs: { soc: {} } }, /ship\.outputs\.soc: needs a url or a path/],
  [{ outputs: { soc: { url, dataStrem: 'x' } } }, /did you mean ship\.outputs\.soc\.dataStream\?/],
  [{ url, outputs: { main: { url } } }, /outputs\.main: that is the output/],
  [{ healthInterval: '1s' }, /ship\.healthInterval: must be a duration from 10s/],
] as const) {
  t.test(`refuses ${JSON.stringify(ship)}`, async (t) => {
    const text = problemsOf(ship)
    t.match(text, problem)
    t.equal(text.split('\n').length, 1, 'with one word')
  })
}

for (const ship of [
  { url, pinnedKeys: [pin], apiKeyFile: '/a' },
  { url, format: 'ndjson', compression: 'zstd', method: 'PUT', headersFile: '/h' },
  { path: '/var/log/tw.ndjson', maxFiles: 1 },
  { outputs: { main: { url }, other: { url } } },
]) {
  t.test(`takes ${JSON.stringify(ship)}`, async (t) => t.equal(problemsOf(ship), ''))
}
