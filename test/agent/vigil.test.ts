import t from 'tap'
import { absence, vigil } from '../../agent/vigil.ts'

const NOW = 1_700_000_000_000

t.test('a host that was suspended saw nothing meanwhile', async (t) => {
  const watch = vigil()
  t.equal(watch.look(NOW, 0), undefined)
  t.equal(watch.look(NOW + 1_000, 1_000), undefined)
  t.match(watch.look(NOW + 3_600_000, 2_000), {
    reason: 'clock-jump',
    fromMs: NOW + 1_000,
    atMs: NOW + 3_600_000,
  })
  t.equal(watch.look(NOW + 3_601_000, 3_000), undefined, 'and goes on')
})

t.test('a clock set back is told without a span', async (t) => {
  const watch = vigil()
  watch.look(NOW, 0)
  t.notOk('fromMs' in (watch.look(NOW - 60_000, 1_000) ?? { fromMs: 1 }))
})

t.test('a slow event loop is no jump', async (t) => {
  const watch = vigil()
  watch.look(NOW, 0)
  t.equal(watch.look(NOW + 60_000, 60_000), undefined)
})

t.test('the span without an agent is blind; a quick restart is none', async (t) => {
  t.match(absence(NOW - 60_000, NOW), { reason: 'restart', fromMs: NOW - 60_000 })
  t.equal(absence(NOW - 1_000, NOW), undefined)
  t.equal(absence(undefined, NOW), undefined)
})
