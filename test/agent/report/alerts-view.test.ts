import t from 'tap'
import { alertsView, readAlert } from '../../../agent/report/alerts-view.ts'
import { anAlert, NOW_MS } from '../../support/status.ts'

const options = { nowMs: NOW_MS }

t.test('a row an alert, from its ECS document', async (t) => {
  const [titles, row] = alertsView([anAlert], options)
  t.match(titles, /^UPDATED +RISK +WHAT +USER +DESTINATION +ENDPOINT +ID$/)
  t.match(row, /^2026-11-24 17:57:00Z +83 +\/opt\/jobs\/collect\.sh sends to drop\.example\.net/)
  t.match(row, /www-data +drop\.example\.net +update waits +a1$/)
})

t.test('says where it stands with the endpoint', async (t) => {
  const stateOf = (change: object) => alertsView([{ ...anAlert, ...change }], options)[1]
  t.match(stateOf({ sentRevision: 3 }), / sent +a1$/)
  t.match(stateOf({ sentRevision: 0 }), / waiting +a1$/)
  t.match(stateOf({ rejected: 'mapping' }), / rejected +a1$/)
})

t.test('dotted fields are read as nested ones', async (t) => {
  const document = JSON.stringify({ 'event.risk_score': 51, 'destination.ip': '192.0.2.1' })
  t.match(alertsView([{ ...anAlert, document }], options)[1], / 51 +\? +\? +192\.0\.2\.1 /)
})

t.test('a document that cannot be read still has its row', async (t) => {
  for (const document of ['{"cut', '[]', 'null', '7']) {
    const [, row] = alertsView([{ ...anAlert, document }], options)
    t.match(row, /^2026-11-24 17:57:00Z +\?/, document)
    t.strictSame(readAlert({ ...anAlert, document }).document, {})
  }
})

t.test('no alert is told in words', async (t) => {
  t.strictSame(alertsView([], options), ['No alerts.'])
})
