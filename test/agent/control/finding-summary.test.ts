import t from 'tap'
import { summarizeFinding } from '../../../agent/control/finding-summary.ts'
import type { Finding } from '../../../storage/alert.ts'
import type { Series } from '../../../storage/series.ts'

const finding: Finding = {
  seriesKey: 's1',
  assessedMs: 9_000,
  verdict: 'recurring',
  score: 0.97,
  risk: 70,
  disposition: 'alert',
  detail: JSON.stringify({
    assessment: { form: 'every 15 min', observations: 9, lastMs: 8_000, next: { atMs: 10_000 } },
    risk: {},
  }),
}
const series: Series = {
  identity: {
    key: 's1',
    actor: '/opt/x.sh',
    userId: '33',
    destinationIp: '2001:db8::1',
    destinationPort: 443,
    transport: 'tcp',
  },
  observations: [
    { atMs: 1, connections: 1, sentBytes: 10 },
    { atMs: 2, connections: 1 },
    { atMs: 3, connections: 1, sentBytes: 5 },
  ],
  gaps: [],
  firstSeenMs: 1,
  isRecurring: true,
  totalObservations: 3,
  context: JSON.stringify({
    user: { id: '33', name: 'www-data' },
    schedule: { scheduler: 'cron', id: 'abc', file: '/etc/cron.d/x' },
  }),
}

t.test('says who sends what where, and when again', async (t) => {
  t.strictSame(summarizeFinding(finding, series), {
    seriesKey: 's1',
    disposition: 'alert',
    risk: 70,
    score: 0.97,
    form: 'every 15 min',
    actor: '/opt/x.sh',
    user: 'www-data',
    destination: '[2001:db8::1]:443',
    schedule: 'cron /etc/cron.d/x',
    beats: 9,
    lastMs: 8_000,
    nextMs: 10_000,
    sentBytes: 15,
  })
})

t.test('the name of the destination is preferred to its address', async (t) => {
  const identity = { ...series.identity, destinationDomain: 'drop.example' }
  t.equal(summarizeFinding(finding, { ...series, identity }).destination, 'drop.example:443')
})

t.test('bytes that nobody counted are absent, and not 0', async (t) => {
  const uncounted = { ...series, observations: [{ atMs: 1, connections: 1 }] }
  t.notOk('sentBytes' in summarizeFinding(finding, uncounted))
})

t.test('a series that is gone, or JSON that is cut, still gives a line', async (t) => {
  t.match(summarizeFinding({ ...finding, detail: '{"assess' }, undefined), {
    actor: 'unknown',
    destination: 'unknown',
    form: 'unknown',
    lastMs: 9_000,
    risk: 70,
  })
})
