import t from 'tap'
import { compileTimeWindow } from '../../../agent/detect/risk-window.ts'

const at = (text: string) => Date.parse(`${text}:00Z`)

t.test('a window of the night runs past midnight, as that of the day it began on', async (t) => {
  // 2026-03-06 is a Friday.
  const isIn = compileTimeWindow({ from: '22:00', to: '06:00', days: [5] })
  t.ok(isIn(at('2026-03-06T22:00'), 'UTC'))
  t.ok(isIn(at('2026-03-07T05:59'), 'UTC'), 'Saturday morning is Friday night')
  t.notOk(isIn(at('2026-03-07T06:00'), 'UTC'))
  t.notOk(isIn(at('2026-03-06T05:00'), 'UTC'), 'Friday morning is Thursday night')
  t.notOk(isIn(at('2026-03-07T23:00'), 'UTC'), 'Saturday night was not chosen')
})

t.test('local time is that of the zone, on both sides of a daylight-saving change', async (t) => {
  const isIn = compileTimeWindow({ from: '02:30', to: '02:31' })
  t.ok(isIn(at('2026-03-28T01:30'), 'Europe/Berlin'))
  t.ok(isIn(at('2026-03-30T00:30'), 'Europe/Berlin'))
  t.notOk(isIn(at('2026-03-30T01:30'), 'Europe/Berlin'))
})

t.test('equal ends are the whole day, and 24:00 is midnight', async (t) => {
  t.ok(compileTimeWindow({ from: '00:00', to: '24:00' })(at('2026-03-06T13:00'), 'UTC'))
  t.notOk(compileTimeWindow({ from: '18:00', to: '24:00' })(at('2026-03-06T00:00'), 'UTC'))
})

for (const text of ['', '7:00', '24:01', '25:00', '12:60', '12:00:00']) {
  t.test(`refuses ${JSON.stringify(text)}`, async (t) => {
    t.throws(() => compileTimeWindow({ from: text, to: '06:00' }), { code: 'ERR_PATTERN_INVALID' })
  })
}
