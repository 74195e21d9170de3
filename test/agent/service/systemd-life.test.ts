import t from 'tap'
import { systemdLife } from '../../../agent/service/systemd-life.ts'
import { aStatus } from '../../support/status.ts'

t.test('ready, alive, stopping: with how the agent is', async (t) => {
  const said: string[] = []
  const asked: number[] = []
  await systemdLife({
    notify: { send: (text) => void said.push(text), watchdogMs: 5_000 },
    status: () => ({ ...aStatus, problem: 'the disk\nis full' }),
    signal: AbortSignal.abort(),
    async *ticks(everyMs) {
      asked.push(everyMs)
      yield 1
      yield 2
    },
  })
  t.same(asked, [5_000])
  t.same(
    said.map((text) => text.split('\n')[0]),
    ['READY=1', 'WATCHDOG=1', 'WATCHDOG=1', 'STOPPING=1'],
  )
  t.match(said[0], /^READY=1\nSTATUS=degraded: \d+ series, \d+ recur; the disk is full$/)
})
