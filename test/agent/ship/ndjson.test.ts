import t from 'tap'
import { ndjsonFormat } from '../../../agent/ship/ndjson.ts'
import { alerted } from '../../support/store.ts'

const stored = (id: string, document: string) => ({
  ...alerted(id, 1, { document }),
  revision: 1,
  sentRevision: 0,
})

t.test('a document is a line, however it was written', async (t) => {
  const body = ndjsonFormat().encode([
    stored('a', '{"a":1}'),
    stored('b', '{\r\n  "b": "x\\ny"\n}'),
  ])
  const lines = body.trimEnd().split('\n')
  t.strictSame(
    lines.map((line) => JSON.parse(line)),
    [{ a: 1 }, { b: 'x\ny' }],
  )
  t.ok(body.endsWith('\n'))
})

t.test('a 2xx takes all, whatever it says', async (t) => {
  const alerts = [stored('a', '{}'), stored('b', '{}')]
  for (const body of [
    undefined,
    '',
    'ok',
    '{"text":"Success","code":0}',
    '<ack/>',
    '<p>thanks</p>',
  ]) {
    const answer = body === undefined ? { status: 204 } : { status: 200, body }
    t.match(ndjsonFormat().read(answer, alerts), { kind: 'answered', taken: alerts, rejected: [] })
  }
})

t.test('a web page is no answer of a receiver', async (t) => {
  for (const body of [
    '<html><head><title>Log in</title></head>',
    '\ufeff \n<!DOCTYPE html>\n<html lang="en">',
    '<?xml version="1.0"?>\n<!-- portal -->\n<!doctype HTML PUBLIC "-//W3C//DTD XHTML 1.0">',
  ]) {
    t.match(ndjsonFormat().read({ status: 200, body }, [stored('a', '{}')]), {
      kind: 'unavailable',
      reason: /HTTP 200 with a web page/,
    })
  }
})

t.test('one document a request is plain JSON, and says so', async (t) => {
  t.equal(ndjsonFormat().contentType, 'application/x-ndjson')
  t.equal(ndjsonFormat(true).contentType, 'application/json')
  t.strictSame(JSON.parse(ndjsonFormat(true).encode([stored('a', '{"a":1}')])), { a: 1 })
})
