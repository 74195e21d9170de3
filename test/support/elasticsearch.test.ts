/**
 * The stand-in for Elasticsearch, held to its word by Elastic's own client: the client refuses a server
 * that is no Elasticsearch, and reads the answers in its own way. What the shipper makes of the same
 * answers must be what the client sees.
 */
import { Client, errors } from '@elastic/elasticsearch'
import t, { type Test } from 'tap'
import { httpEndpoint } from '../../agent/ship/endpoint.ts'
import { httpTarget } from '../../agent/ship/http-target.ts'
import { formatsOf } from '../../agent/ship/output.ts'
import { elasticsearch } from './elasticsearch.ts'
import { anOutput } from './output.ts'
import { type ReceiverOptions, startReceiver } from './receiver.ts'

const STREAM = 'logs-tidewatch.alert-default'
const at = '2026-11-25T12:00:00.000Z'
const parcels = [
  { id: 'one', revision: 1, document: JSON.stringify({ '@timestamp': at, n: 1 }) },
  { id: 'bad', revision: 1, document: JSON.stringify({ '@timestamp': at, poison: 'no date' }) },
  { id: 'two', revision: 3, document: JSON.stringify({ '@timestamp': at, n: 2 }) },
]
const operations = parcels.flatMap(({ id, revision, document }) => [
  { create: { _index: STREAM, _id: revision > 1 ? `${id}.${revision}` : id } },
  JSON.parse(document) as object,
])

async function setup(t: Test, options: ReceiverOptions = {}, auth?: { apiKey: string }) {
  const receiver = await startReceiver('bulk', options)
  const client = new Client({ node: receiver.url, maxRetries: 0, ...(auth && { auth }) })
  const endpoint = httpEndpoint({ url: receiver.url })
  t.teardown(async () => {
    await client.close()
    await endpoint.close()
    await receiver.close()
  })
  return { receiver, client, target: httpTarget(endpoint, formatsOf(anOutput())) }
}

t.test('the client takes it for Elasticsearch', async (t) => {
  const { client } = await setup(t)
  t.match(await client.info(), { version: { number: /^9/ }, tagline: 'You Know, for Search' })
})

t.test('client and shipper see the same in the answers of _bulk', async (t) => {
  const { client, target } = await setup(t)
  const first = await client.bulk({ operations })
  t.equal(first.errors, true)
  t.match(
    first.items.map(({ create }) => create),
    [
      { _id: 'one', status: 201, result: 'created', _index: /^\.ds-logs-tidewatch/ },
      { _id: 'bad', status: 400, error: { type: 'document_parsing_exception', reason: /poison/ } },
      { _id: 'two.3', status: 201 },
    ],
  )
  const again = await client.bulk({ operations })
  t.match(
    again.items.map(({ create }) => create?.status),
    [409, 400, 409],
  )
  const verdict = await target.send('alert', parcels)
  t.match(verdict, {
    kind: 'answered',
    taken: [{ id: 'one' }, { id: 'two' }],
    rejected: [{ id: 'bad', reason: /^document_parsing_exception: .*\[poison\]/ }],
    suspected: [],
  })
})

t.test('what the shipper created is there for the client', async (t) => {
  const { client, target } = await setup(t)
  await target.send('alert', parcels)
  const { items } = await client.bulk({ operations })
  t.match(
    items.map(({ create }) => create?.status),
    [409, 400, 409],
  )
  const { create } = items[0] ?? {}
  t.match(create?.error, { type: 'version_conflict_engine_exception', reason: /already exists/ })
})

t.test("the client's own bulk helper works through it, with 429 retried", async (t) => {
  const { receiver, client } = await setup(t)
  receiver.faults = ['items-429']
  const dropped: unknown[] = []
  const outcome = await client.helpers.bulk({
    datasource: parcels.map(({ document }, i) => ({ ...(JSON.parse(document) as object), i })),
    onDocument: ({ i }: { i: number }) => ({ create: { _index: STREAM, _id: `h${i}` } }),
    onDrop: ({ status }) => void dropped.push(status),
    wait: 1,
    retries: 1,
  })
  t.match(outcome, { total: 3, successful: 2, failed: 1 })
  t.strictSame(dropped, [400])
})

t.test('filter_path leaves what the shipper asks for, in the same order', async (t) => {
  const { client } = await setup(t)
  const filter_path = ['items.create._id', 'items.create.status', 'items.create.error.type']
  const answer = await client.bulk({ operations, filter_path })
  t.strictSame(answer, {
    items: [
      { create: { _id: 'one', status: 201 } },
      { create: { _id: 'bad', status: 400, error: { type: 'document_parsing_exception' } } },
      { create: { _id: 'two.3', status: 201 } },
    ],
  })
})

t.test('requests that are refused as a whole have the form of an error', async (t) => {
  const { client } = await setup(t, { authorization: 'ApiKey aWQ6a2V5' })
  const refused = await client.bulk({ operations }).catch((error: unknown) => error)
  t.ok(refused instanceof errors.ResponseError)
  t.match(refused, { statusCode: 401, body: { error: { type: 'security_exception' } } })
  const known = await setup(t, { authorization: 'ApiKey aWQ6a2V5' }, { apiKey: 'aWQ6a2V5' })
  t.equal((await known.client.bulk({ operations })).errors, true)
})

t.test('it answers as the reference has it to what no client would send', async (t) => {
  const engine = elasticsearch()
  const post = (body: string, url = `/${STREAM}/_bulk`) => {
    const { status, body: text } = engine.answer({ method: 'POST', url, headers: {}, body })
    const { error, items } = JSON.parse(text) as { error?: { reason: string }; items?: object[] }
    return { status, reason: error?.reason, items }
  }
  t.match(post(''), { status: 400, reason: 'request body is required' })
  t.match(post('{"create":{}}'), { status: 400, reason: /terminated by a newline/ })
  t.match(post('{"nothing":{}}\n{}\n'), { status: 400, reason: /Malformed action/ })
  t.match(post('{"index":{"_id":"a"}}\n{"@timestamp":1}\n'), {
    status: 200,
    items: [{ index: { status: 400, error: { reason: /op_type of create/ } } }],
  })
  t.match(post('{"create":{"_id":"a"}}\n{"n":1}\n').items, [
    { create: { status: 400, error: { reason: /@timestamp\] is missing/ } } },
  ])
  t.match(post('{}', '/_search'), { status: 400, reason: /no handler found/ })
})
