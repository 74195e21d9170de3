import fc from 'fast-check'
import t from 'tap'
import { forPeople, onOneLine, retryAfterMs, verdictOnStatus } from '../../../agent/ship/verdict.ts'
import { holds } from '../../support/holds.ts'

const kinds: Record<number, string | undefined> = {
  200: undefined,
  201: undefined,
  204: undefined,
  301: 'unavailable',
  400: 'refused',
  401: 'unavailable',
  403: 'unavailable',
  404: 'unavailable',
  408: 'unavailable',
  413: 'too-large',
  422: 'refused',
  429: 'unavailable',
  500: 'unavailable',
  503: 'unavailable',
}
for (const [status, kind] of Object.entries(kinds)) {
  t.test(`${status} is ${kind ?? 'for the wire format to read'}`, async (t) => {
    t.equal(verdictOnStatus({ status: Number(status) })?.kind, kind)
  })
}

t.test('a refusal is told with what the endpoint said of it', async (t) => {
  const verdict = verdictOnStatus({
    status: 503,
    body: 'down\nfor \u001b[31mrepair',
    retryAfter: '9',
  })
  t.strictSame(verdict, {
    kind: 'unavailable',
    reason: 'HTTP 503: down for [31mrepair',
    retryAfter: '9',
  })
})

t.test('Retry-After is seconds or a date, within an hour', async (t) => {
  const nowMs = Date.UTC(2026, 0, 1)
  const waits = [
    '7',
    ' 120 ',
    '99999999',
    'Thu, 01 Jan 2026 00:00:30 GMT',
    'Wed, 31 Dec 2025 00:00:00 GMT',
    'soon',
    '-5',
  ]
  t.strictSame(
    waits.map((header) => retryAfterMs(header, nowMs)),
    [7_000, 120_000, 3_600_000, 30_000, 0, 0, 0],
  )
  t.equal(retryAfterMs(undefined, nowMs), 0)
})

t.test('properties', async (t) => {
  const shown = fc.property(fc.string({ unit: 'binary' }), (text) => {
    const line = forPeople(text)
    return line.length <= 200 && !/\p{C}/u.test(line)
  })
  holds(t, 'a remote text is one short line without control characters', shown)
  const same = fc.property(fc.jsonValue(), (value) => {
    const line = onOneLine(JSON.stringify(value, undefined, 2))
    return !line.includes('\n') && JSON.stringify(JSON.parse(line)) === JSON.stringify(value)
  })
  holds(t, 'a document on one line is the same document', same)
})
