import t from 'tap'
import { timeWindow } from '../../../agent/config/time-window.ts'

const setting = timeWindow('because')

t.test('any time is no window', async (t) => {
  t.equal(setting.parse('any'), undefined)
  t.equal(setting.parse(undefined), undefined)
})

t.test('reads hours and days, 0 is Sunday', async (t) => {
  t.strictSame(setting.parse({ from: '22:00', to: '06:00' }), { from: '22:00', to: '06:00' })
  t.strictSame(setting.parse({ from: '00:00', to: '24:00', days: ['sun', 'sat'] }), {
    from: '00:00',
    to: '24:00',
    days: [0, 6],
  })
})

t.test('refuses what is no hour, no day, or half a window', async (t) => {
  for (const value of [
    'never',
    { from: '22:00' },
    { from: '25:00', to: '06:00' },
    { from: '24:01', to: '06:00' },
    { from: '7:00', to: '08:00' },
    { from: '07:00', to: '08:00', days: ['funday'] },
    { from: '07:00', to: '08:00', days: [] },
    { from: '07:00', to: '08:00', zone: 'UTC' },
  ]) {
    t.notOk(setting.safeParse(value).success, JSON.stringify(value))
  }
})
