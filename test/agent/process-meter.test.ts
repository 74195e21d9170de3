import t from 'tap'
import { processMeter } from '../../agent/process-meter.ts'

t.test('CPU is that of the last minute or two, not of the whole life', async (t) => {
  let nowMs = 0
  let cpuMs = 0
  const meter = processMeter({
    nowMs: () => nowMs,
    cpu: () => ({ user: cpuMs * 1_000, system: 0 }),
    rssBytes: () => 42,
  })
  nowMs = 60_000
  cpuMs = 30_000
  t.match(meter.read(), { rssBytes: 42, cpuMs: 30_000, cpuRatio: 0.5 })
  for (let minute = 2; minute < 10; minute++) {
    nowMs = minute * 60_000
    meter.read()
  }
  t.equal(meter.read().cpuRatio, 0)
})
