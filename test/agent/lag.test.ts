import t from 'tap'
import { lagMeter } from '../../agent/lag.ts'
import type { Event } from '../../platform/event.ts'
import { connected } from '../support/store.ts'

const loss: Event = { kind: 'loss', atMs: 1, dataset: 'linux.audit', reason: 'overrun' }

t.test('the largest age of a batch, by its newest event, and then anew', async (t) => {
  const lag = lagMeter()
  t.equal(lag.take(), undefined)
  lag.note({ events: [connected(10), connected(90), connected(50)] }, 100)
  lag.note({ events: [connected(170)] }, 200)
  t.equal(lag.take(), 30)
  t.equal(lag.take(), undefined)
})

t.test(
  'what has another time than that of happening is no lag, nor is a clock set back',
  async (t) => {
    const lag = lagMeter()
    lag.note({ events: [loss] }, 1_000)
    lag.note({ events: [] }, 1_000)
    t.equal(lag.take(), undefined)
    lag.note({ events: [connected(2_000), loss] }, 1_000)
    t.equal(lag.take(), 0)
  },
)
