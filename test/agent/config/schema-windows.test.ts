import t from 'tap'
import { windows } from '../../../agent/config/schema-windows.ts'

t.test('every source is on, and can be switched off by its name', async (t) => {
  const settings = windows.parse({ security: { enabled: false }, eventLog: { lookBack: '0s' } })
  t.strictSame(settings, {
    sysmon: { enabled: true },
    taskScheduler: { enabled: true },
    security: { enabled: false },
    eventLog: { poll: { ms: 1_000 }, lookBack: { ms: 0 } },
    tasks: { enabled: true, poll: { ms: 60_000 } },
  })
})

t.test('a log is not read back further than it is worth', async (t) => {
  t.notOk(windows.safeParse({ eventLog: { lookBack: '31d' } }).success)
})
