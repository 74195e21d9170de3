import t from 'tap'
import { ndjsonFormat } from '../../../agent/ship/ndjson.ts'
import { alerted } from '../../support/store.ts'

const stored = (id: string, document: string) => ({
  ...alerted(id, 1, { document }),
  revision: 1,
  sentRevision: 0,
})

t.test('a document is a line, however it was written', async (t) => {
  const body = ndjsonFormat.encode([stored('a', '{"a":1}'), stored('b', '{\r\n  "b": "x\\ny"\n}')])
  const lines = body.trimEnd().split('\n')
  t.strictSame(
    lines.map((line) => JSON.parse(line)),
    [{ a: 1 }, { b: 'x\ny' }],
  )
  t.ok(body.endsWith('\n'))
})

t.test('a 2xx takes all, whatever it says', async (t) => {
  const alerts = [stored('a', '{}'), stored('b', '{}')]
  for (const answer of [{ status: 204 }, { status: 200, body: '<html>' }]) {
    t.match(ndjsonFormat.read(answer, alerts), { kind: 'answered', taken: alerts, rejected: [] })
  }
})
