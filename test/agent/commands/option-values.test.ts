import t from 'tap'
import { ownZone, reportLimit, whole, zone } from '../../../agent/commands/option-values.ts'

t.test('values are read, or refused with what they should be', async (t) => {
  t.equal(zone('europe/berlin'), 'Europe/Berlin')
  t.throws(() => zone('Mars'), { message: /IANA/ })
  t.ok(zone(ownZone()))
  t.equal(whole('7', 1, 9), 7)
  for (const text of ['0', '10', '1.5', '', 'x', '-1']) {
    t.throws(() => whole(text, 1, 9), { message: /whole number from 1 to 9/ }, text)
  }
  t.equal(reportLimit('1000'), 1_000)
})
