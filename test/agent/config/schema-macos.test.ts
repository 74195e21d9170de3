import t from 'tap'
import { macos } from '../../../agent/config/schema-macos.ts'

t.test('every source is on, and can be switched off by its name', async (t) => {
  const settings = macos.parse({ eslogger: { enabled: false }, lsof: { poll: '10s' } })
  t.strictSame(settings, {
    processes: { enabled: true },
    eslogger: { enabled: false },
    schedules: { enabled: true, poll: { ms: 15_000 } },
    unifiedLog: { enabled: true },
    lsof: { enabled: true, poll: { ms: 10_000 } },
    nettop: { enabled: true, poll: { ms: 30_000 } },
  })
})

t.test('a poll that would start a program without a pause is refused', async (t) => {
  t.notOk(macos.safeParse({ nettop: { poll: '1ms' } }).success)
})
