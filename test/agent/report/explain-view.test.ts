import t from 'tap'
import { explainView } from '../../../agent/report/explain-view.ts'
import { painted } from '../../../agent/report/text.ts'
import { START_MS } from '../../support/findings.ts'
import { aTold } from '../../support/told-finding.ts'

const options = { nowMs: START_MS + 12 * 60_000, timeZone: 'UTC', width: 100 }
const text = (change = {}, more = {}) =>
  explainView(aTold(change), { ...options, ...more }).join('\n')

t.test('it is told as a person would tell it', async (t) => {
  const told = text(
    {},
    {
      definition: {
        file: '/etc/cron.d/backup',
        lines: [{ line: 3, text: '* * * * * root /opt/backup.sh' }],
      },
    },
  )
  for (const part of [
    '/opt/backup.sh as root (0) sends about 63 KiB to drop.example:443 every 60 s: 12 times since',
    '83 of 100, an alert was sent, or waits to be',
    '+13.0 points: Bytes sent in all (volume 768066)',
    '+7.1 log-odds: Beats keep their phase (rayleigh 0.99, p 1.0e-9)',
    '2026-03-02 04:12:00Z ± 2 s (now)',
    'cron, /etc/cron.d/backup:3',
    'it was seen to start the sender',
    '3 | * * * * * root /opt/backup.sh',
    '1 /usr/sbin/cron\n  └─ 812 /bin/sh /opt/backup.sh\n     └─ 813 curl -T',
    'drop.example:443 (203.0.113.9), tcp',
    'destIpAllowlist:\n      - drop.example',
    '1 min to 1 min',
    'Mon 04:00',
  ]) {
    t.match(told, part)
  }
})

t.test('what is not known is not made up', async (t) => {
  const { user: _, schedule: __, form: ___, next: ____, sentBytes: _____, ...rest } = aTold()
  const told = explainView({ ...rest, lineage: [], observations: [] }, options).join('\n')
  t.match(told, 'without a rhythm')
  t.match(told, 'bytes were not counted')
  t.match(told, /Job\n {2}none is known/)
  t.notMatch(told, /undefined|NaN|\nNext/)
})

t.test('a beat that has not come is said to be late', async (t) => {
  t.match(text({}, { nowMs: START_MS + 3_600_000 }), 'it has not come yet')
  t.match(text({ disposition: 'inbound-crowd' }), 'left out: inbound-crowd')
})

t.test('nothing drives a terminal, and no line is wider than it', async (t) => {
  const hostile = '\u001b[2J\u202e\n'
  const lines = explainView(
    aTold({
      ...{ actor: `/tmp/${hostile}`, host: hostile, user: { name: hostile } },
      lineage: [{ entityId: 'e', pid: 1, args: ['x'.repeat(300), hostile] }],
    }),
    { ...options, definition: { file: hostile, lines: [{ line: 1, text: hostile }] } },
  )
  for (const line of lines) t.notMatch(line, /[\p{Cc}\u202e]/u)
  t.match(explainView(aTold(), { ...options, paint: painted })[0], '\u001b[1m')
})
