import fc from 'fast-check'
import t from 'tap'
import {
  MAX_RESPONSE_BYTES,
  parseRequest,
  parseResponse,
  responseLine,
} from '../../../agent/control/protocol.ts'
import { holds } from '../../support/holds.ts'

t.test('reads the three requests', async (t) => {
  t.strictSame(parseRequest('{"request":"status"}'), { ok: true, value: { request: 'status' } })
  const alerts = { request: 'alerts', limit: 5 } as const
  t.strictSame(parseRequest(JSON.stringify(alerts)), { ok: true, value: alerts })
  t.ok(parseRequest('{"request":"findings","limit":1000}').ok)
})

for (const line of [
  '',
  'status',
  'null',
  '[]',
  '{}',
  '{"request":"stop"}',
  '{"request":"status","limit":1}',
  '{"request":"alerts"}',
  '{"request":"alerts","limit":0}',
  '{"request":"alerts","limit":1001}',
  '{"request":"alerts","limit":1.5}',
  '{"request":"alerts","limit":"5"}',
  '{"request":"status","path":"/etc/shadow"}',
]) {
  t.test(`refuses ${line}`, async (t) => t.notOk(parseRequest(line).ok))
}

t.test('an answer that would be too long says so instead', async (t) => {
  const line = responseLine({ ok: true, value: 'x'.repeat(MAX_RESPONSE_BYTES) })
  t.match(parseResponse(line), { ok: false, reason: /too long/ })
})

t.test('what is no answer is told', async (t) => {
  for (const line of ['', 'HTTP/1.1 200 OK', '{"ok":1}', 'null', '{"ok":true}']) {
    t.strictSame(parseResponse(line), { ok: false, reason: 'the answer is none of ours' }, line)
  }
})

t.test('properties', async (t) => {
  const total = fc.property(fc.string({ unit: 'binary' }), (line) => {
    return [parseRequest(line), parseResponse(line)].every((result) => 'ok' in result)
  })
  holds(t, 'never throws', total)
  const readsBack = fc.property(fc.jsonValue(), (value) => {
    const line = responseLine({ ok: true, value })
    t.strictSame(parseResponse(line), { ok: true, value: JSON.parse(JSON.stringify(value)) })
    return line.indexOf('\n') === line.length - 1
  })
  holds(t, 'an answer is one line, and reads back', readsBack)
})
