import fc from 'fast-check'
import t from 'tap'
import { bulkFormat, documentId } from '../../../agent/ship/bulk.ts'
import { holds } from '../../support/holds.ts'
import { alerted } from '../../support/store.ts'

const format = bulkFormat('logs-tidewatch.alert-default')
const stored = (id: string, revision = 1) => ({ ...alerted(id, 1), revision, sentRevision: 0 })
const answer = (...items: readonly object[]) => ({
  status: 200,
  body: JSON.stringify({ errors: true, items: items.map((create) => ({ create })) }),
})
const failed = (_id: string, status: number, type: string) => ({
  _id,
  status,
  error: { type, reason: `because of ${type}` },
})

t.test('posts a create for each alert to the data stream', async (t) => {
  const [action, document, ...rest] = format.encode([stored('a'), stored('b', 3)]).split('\n')
  t.strictSame(JSON.parse(action ?? ''), { create: { _id: 'a' } })
  t.match(JSON.parse(document ?? ''), { event: { id: 'a' } })
  t.strictSame(JSON.parse(rest[0] ?? ''), { create: { _id: 'b.3' } })
  t.equal(rest.at(-1), '', 'and ends with a new line')
  t.match(format.path, /^logs-tidewatch\.alert-default\/_bulk\?filter_path=items/)
})

t.test('the first revision has the alert’s own id, each later one another', async (t) => {
  t.strictSame(
    [1, 2, 3].map((revision) => documentId({ id: 'a', revision })),
    ['a', 'a.2', 'a.3'],
  )
})

t.test('each item is answered for itself', async (t) => {
  const alerts = ['new', 'known', 'bad', 'closed', 'busy', 'forbidden'].map((id) => stored(id))
  const verdict = format.read(
    answer(
      { _id: 'new', status: 201 },
      failed('known', 409, 'version_conflict_engine_exception'),
      failed('bad', 400, 'document_parsing_exception'),
      failed('closed', 400, 'index_closed_exception'),
      failed('busy', 429, 'es_rejected_execution_exception'),
      failed('forbidden', 403, 'security_exception'),
    ),
    alerts,
  )
  const reason = 'document_parsing_exception: because of document_parsing_exception'
  t.strictSame(verdict, {
    kind: 'answered',
    taken: alerts.slice(0, 2),
    rejected: [{ id: 'bad', revision: 1, reason, document: alerts[2]?.document }],
    suspected: [
      {
        id: 'closed',
        revision: 1,
        reason: 'index_closed_exception: because of index_closed_exception',
        document: alerts[3]?.document,
      },
    ],
    againBecause: '429 es_rejected_execution_exception: because of es_rejected_execution_exception',
  })
})

t.test('what is no answer of _bulk takes nothing', async (t) => {
  for (const body of [undefined, '', '<html>', '{}', '{"items":7}', 'null', '[]', '{"items":[']) {
    const given = body === undefined ? { status: 200 } : { status: 200, body }
    t.match(format.read(given, [stored('a')]), {
      kind: 'unavailable',
      reason: /no answer of _bulk/,
    })
  }
})

t.test('an item that names another document, or is missing, takes nothing', async (t) => {
  const verdict = format.read(answer({ _id: 'b', status: 201 }), [stored('a'), stored('b')])
  const againBecause = 'undefined unknown: no reason given'
  t.strictSame(verdict, { kind: 'answered', taken: [], rejected: [], suspected: [], againBecause })
})

t.test('properties', async (t) => {
  const ids = new Set(['a', 'b'])
  const total = fc.property(fc.oneof(fc.json(), fc.string()), (body) => {
    const verdict = format.read({ status: 200, body }, [stored('a'), stored('b')])
    return verdict.kind !== 'answered' || verdict.taken.every(({ id }) => ids.has(id))
  })
  holds(t, 'never throws, whatever the endpoint says', total)
})
