import t from 'tap'
import type { HuntFinding } from '../../../agent/hunt/findings.ts'
import { huntTable } from '../../../agent/report/hunt-table.ts'
import { painted } from '../../../agent/report/text.ts'
import { aFinding } from '../../support/hunt-finding.ts'

t.test('two lines a finding, under one heading', async (t) => {
  t.strictSame(huntTable([aFinding()], { width: 100 }), [
    'RISK  PERIOD        JITTER  SOURCE    DESTINATION          BEATS',
    '  40  every 10 min   ±28 %  10.0.0.5  cdn.example:443/tcp     60',
    '      2026-11-24 08:00 to 2026-11-24 18:00 UTC, 74 KiB out, 303 KiB in, outbound, score 0.97',
  ])
})

t.test('nothing found is nothing shown', async (t) => {
  t.strictSame(huntTable([], { width: 100 }), [])
})

t.test('the longest finding fits 100 columns', async (t) => {
  const ipv6 = '2001:db8:1111:2222:3333:4444:5555:6666'
  const long = aFinding({ sourceIp: ipv6, domain: `${'a'.repeat(60)}.example`, sentBytes: 1e14 })
  const form = 'every 30 min, Mon to Fri 08:00 to 18:00 Europe/Berlin, plus daily 02:30'
  const all = [
    { ...long, assessment: { ...long.assessment, form } },
    aFinding({ domain: undefined }),
  ]
  for (const line of huntTable(all, { width: 100 })) t.ok(line.length <= 100, line)
})

t.test('an IPv6 destination is told from its port', async (t) => {
  const lines = huntTable([aFinding({ domain: undefined, destinationIp: '2001:db8::1' })], {
    width: 100,
  })
  t.match(lines[1], '[2001:db8::1]:443/tcp')
})

t.test('says why something is left out, and what is known', async (t) => {
  const [, , detail] = huntTable([{ ...aFinding(), leftOut: 'inbound-crowd' }], { width: 120 })
  t.match(detail, /left out \(inbound-crowd\)$/)
  const known: HuntFinding = {
    ...aFinding(),
    risk: { score: 10, disposition: 'known', factors: [], analytic: 'AN1119' },
  }
  t.match(huntTable([known], { width: 100 })[2], /, known$/)
})

t.test('shows what would drive a terminal, and colors only when asked', async (t) => {
  const hostile = aFinding({ domain: 'a\u001b[2J.example' })
  t.notMatch(huntTable([hostile], { width: 100 }).join(''), /\p{Cc}/u)
  t.match(huntTable([aFinding()], { width: 100, paint: painted }).join(''), '\u001b[33m')
})
