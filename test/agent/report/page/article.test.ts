import { parseHTML } from 'linkedom'
import t from 'tap'
import { article, stateOf } from '../../../../agent/report/page/article.ts'
import type { ToldFinding } from '../../../../agent/report/told-finding.ts'
import { aTold } from '../../../support/told-finding.ts'

const read = (change: Partial<ToldFinding> = {}, definition?: string) => {
  const { html } = article({ told: aTold(change), expectedMs: [], definition }, 'UTC', true)
  return { html, element: parseHTML(`<body>${html}</body>`).document.querySelector('article') }
}

t.test('one finding, with all that is known of it', async (t) => {
  const { element } = read({}, '3 | * * * * * root /opt/backup.sh')
  const text = element?.textContent ?? ''
  for (const part of [
    'every 60 s: /opt/backup.sh to drop.example:443',
    'as root (0), by cron, 12 times, 750 KiB sent',
    'cron, /etc/cron.d/backup:3',
    '3 | * * * * * root /opt/backup.sh',
    '└─ 812 /bin/sh /opt/backup.sh\n   └─ 813 curl',
    'Bytes sent in all',
    'Beats keep their phase',
    'destIpAllowlist:\n    - drop.example',
  ]) {
    t.match(text, part)
  }
  t.equal(element?.querySelectorAll('svg').length, 3)
  t.match(element?.getAttribute('data-text'), '/usr/bin/curl', 'the search looks there, too')
})

t.test('what a host may name stays text', async (t) => {
  const hostile = `"><img src=x onerror=alert(1)>\u202e</pre><script>`
  const { html, element } = read(
    {
      ...{ id: hostile, host: hostile, actor: hostile, form: hostile, user: { name: hostile } },
      destination: { name: hostile, ip: hostile, port: 1 },
      lineage: [{ entityId: hostile, pid: 1, executable: hostile, args: [hostile] }],
      datasets: [hostile],
      evidence: [{ name: hostile, value: hostile, meaning: hostile, weight: 1 }],
      schedule: {
        id: hostile,
        scheduler: 'cron',
        command: hostile,
        trigger: hostile,
        file: hostile,
      },
    },
    hostile,
  )
  t.equal(element?.querySelectorAll('img, script').length, 0)
  t.notMatch(html, /<img|<script|\u202e/)
  t.match(element?.getAttribute('data-text'), 'onerror', 'and is found as what it is')
})

t.test('what is not known is said to be so', async (t) => {
  const { user: _, schedule: __, sentBytes: ___, next: ____, form: _____, ...rest } = aTold()
  const { html } = article(
    { told: { ...rest, lineage: [], observations: [], evidence: [], factors: [] }, expectedMs: [] },
    'UTC',
    false,
  )
  t.match(html, 'Bytes were not counted.')
  t.match(html, 'None is known.')
  t.notMatch(html, /undefined|NaN/)
  t.notMatch(html, '<details open')
})

t.test('filters go by few states', async (t) => {
  t.equal(stateOf(aTold({ disposition: 'known' })), 'known')
  t.equal(stateOf(aTold({ disposition: 'inbound-brief' })), 'left out')
})
