import fc from 'fast-check'
import t from 'tap'
import { parseSyslogLine } from '../../../platform/linux/syslog-line.ts'
import { holds } from '../../support/holds.ts'

const nowMs = Date.parse('2026-11-24T18:00:00Z')
const reading = { nowMs, timeZone: 'UTC' }
const atMs = Date.parse('2026-11-24T17:00:01Z')

const reads: Record<string, object> = {
  'Nov 24 17:00:01 host CRON[123]: (root) CMD (x)': { tag: 'CRON', pid: 123 },
  'Nov 24 17:00:01 host /USR/SBIN/CRON[123]: (root) CMD (x)': { tag: '/USR/SBIN/CRON', pid: 123 },
  '<78>Nov 24 17:00:01 CRON[123]: (root) CMD (x)': { tag: 'CRON', pid: 123 },
  '<78>Nov 24 17:00:01 host CRON[123]: (root) CMD (x)': { tag: 'CRON', pid: 123 },
  '2026-11-24T18:00:01.5+01:00 host CRON[123]: (root) CMD (x)': { tag: 'CRON', atMs: atMs + 500 },
  '<78>1 2026-11-24T17:00:01Z host cron 18 - -  (root) CMD (x)': { tag: 'cron', pid: 18 },
  '<78>1 2026-11-24T17:00:01Z host cron - ID [a@1 b="]\\""][c] (root) CMD (x)': { tag: 'cron' },
  'Nov 24 17:00:01 alpine cron.info crond[9]: (root) CMD (x)': { tag: 'crond', pid: 9 },
  'Nov 24 17:00:01 host run-parts(/etc/cron.daily)[7]: (root) CMD (x)': {
    tag: 'run-parts(/etc/cron.daily)',
    pid: 7,
  },
  '\0\0\0Nov 24 17:00:01 host CRON[123]: (root) CMD (x)': { tag: 'CRON', pid: 123 },
}
for (const [line, value] of Object.entries(reads)) {
  t.test(`reads ${JSON.stringify(line)}`, async (t) => {
    const want = { atMs, message: '(root) CMD (x)', ...value }
    t.match(parseSyslogLine(line, reading), { ok: true, value: want })
  })
}

t.test('a line without a tag is its whole message', async (t) => {
  const line = "Nov 24 17:00:01 host Job `cron.daily' terminated"
  const value = { atMs, message: "host Job `cron.daily' terminated" }
  t.strictSame(parseSyslogLine(line, reading), { ok: true, value })
})

for (const line of [
  '',
  '\tmany syslog parsers.',
  'MMM 22 07:54:32 h anacron[2]: x',
  '<78>1 - h c - - -',
]) {
  t.test(`refuses ${JSON.stringify(line)}`, async (t) => {
    t.match(parseSyslogLine(line, reading), { ok: false, reason: /time/ })
  })
}

t.test('properties', async (t) => {
  const anyText = fc.string({ unit: 'binary' })
  holds(
    t,
    'never throws',
    fc.property(
      fc.constantFrom('', 'Nov 24 17:00:01 ', '<78>1 2026-11-24T17:00:01Z h c 1 - '),
      anyText,
      (start, rest) => void parseSyslogLine(start + rest, reading),
    ),
  )
  const tag = fc.string({ unit: fc.constantFrom(...'abcXYZ/-_.()1'), minLength: 1, maxLength: 20 })
  const forged = fc.property(tag, fc.nat(9), anyText, (name, pid, text) => {
    const message = `${text} CRON[1]: (root) CMD (x)`
    const line = parseSyslogLine(`Nov 24 17:00:01 host ${name}[${pid}]: ${message}`, reading)
    t.strictSame(line, { ok: true, value: { atMs, host: 'host', tag: name, pid, message } })
  })
  holds(t, 'whatever a message says, the tag is the one at its place', forged)
})
