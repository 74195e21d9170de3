/**
 * `load.sh` against a server that notes what it is asked, beside Elastic's own client doing the same:
 * the addresses, methods and bodies must be the same. Of Kibana there is no client: its calls are read.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Client } from '@elastic/elasticsearch'
import t, { type Test } from 'tap'

const folder = join(import.meta.dirname, '../../../packaging/elastic')
const json = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'))

interface Noted {
  readonly call: string
  readonly body: string
  readonly authorization: string | undefined
}

async function notingServer(t: Test, isThere: (path: string) => boolean = () => false) {
  const noted: Noted[] = []
  const server = createServer(async (request, response) => {
    const chunks = await Array.fromAsync(request as AsyncIterable<Buffer>)
    const { method, url = '', headers } = request
    const isFound = method !== 'GET' || isThere(url)
    response.writeHead(isFound ? 200 : 404, {
      'content-type': 'application/vnd.elasticsearch+json;compatible-with=9',
      'x-elastic-product': 'Elasticsearch',
    })
    response.end('{"acknowledged":true}')
    const body = Buffer.concat(chunks).toString()
    if (method !== 'GET') {
      const call = `${method} ${decodeURIComponent(url)}`
      noted.push({ call, body, authorization: headers.authorization })
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return { noted, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function run(script: string, env: Record<string, string>) {
  const args = [join(folder, script), '-H', 'Authorization: ApiKey a2V5']
  const child = spawn('sh', args, { env: { ...process.env, ...env }, stdio: 'pipe' })
  const [code] = await once(child, 'exit')
  return code
}

t.test('load.sh does what the client of Elasticsearch would do', async (t) => {
  const mine = await notingServer(t)
  t.equal(await run('load.sh', { ES_URL: mine.url }), 0)
  const theirs = await notingServer(t)
  const client = new Client({ node: theirs.url, auth: { apiKey: 'a2V5' } })
  t.teardown(() => client.close())
  for (const kind of ['alerts', 'health']) {
    await client.ilm.putLifecycle({ name: `tidewatch-${kind}`, ...json(`lifecycle-${kind}.json`) })
  }
  const component = json('component-template.json')
  await client.cluster.putComponentTemplate({ name: 'tidewatch@mappings', ...component })
  for (const [name, file] of [
    ['logs-tidewatch.alert', 'alerts'],
    ['metrics-tidewatch.health', 'health'],
    ['tidewatch-destinations', 'destinations'],
  ]) {
    await client.indices.putIndexTemplate({ name, ...json(`index-template-${file}.json`) })
  }
  const transform_id = 'tidewatch-destinations'
  const transform = json('transform-destinations.json')
  await client.transform.putTransform({ transform_id, defer_validation: true, ...transform })
  await client.transform.startTransform({ transform_id })
  const read = ({ call, body, authorization }: Noted) => ({
    call,
    authorization,
    body: body === '' ? undefined : JSON.parse(body),
  })
  t.strictSame(mine.noted.map(read), theirs.noted.map(read))
  t.equal(mine.noted.length, 8)
})

t.test('Kibana gets the dashboards and the rules, and a transform is made once', async (t) => {
  const { noted, url } = await notingServer(t, (path) => path.startsWith('/_transform/'))
  t.equal(await run('load.sh', { ES_URL: url, KIBANA_URL: `${url}/kibana` }), 0)
  t.notOk(noted.some(({ call }) => call.includes('_transform')))
  t.match(noted.slice(-2), [
    {
      call: 'POST /kibana/api/saved_objects/_import?overwrite=true',
      body: /filename="dashboards\.ndjson"[\s\S]*"tidewatch-alerts-dashboard"/,
    },
    {
      call: 'POST /kibana/api/detection_engine/rules/_import?overwrite=true',
      body: /filename="detection-rules\.ndjson"[\s\S]*"type": "threshold"/,
    },
  ])
})

t.test('what is refused ends it', async (t) => {
  t.not(await run('load.sh', { ES_URL: 'http://127.0.0.1:1' }), 0)
  t.not(await run('load.sh', { ES_URL: '' }), 0)
})

t.test('OpenSearch gets its own templates and policies, and the same mapping', async (t) => {
  const { noted, url } = await notingServer(t)
  const env = { OPENSEARCH_URL: url, DASHBOARDS_URL: url }
  t.equal(await run('opensearch/load.sh', env), 0)
  t.strictSame(
    noted.map(({ call }) => call),
    [
      'PUT /_component_template/tidewatch@mappings',
      'PUT /_index_template/logs-tidewatch.alert',
      'PUT /_index_template/metrics-tidewatch.health',
      'PUT /_plugins/_ism/policies/tidewatch-alerts',
      'PUT /_plugins/_ism/policies/tidewatch-health',
      'POST /api/saved_objects/_import?overwrite=true',
    ],
  )
  t.strictSame(JSON.parse(noted[0]?.body ?? ''), json('component-template.json'))
})
