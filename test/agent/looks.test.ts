import t from 'tap'
import { createLooks } from '../../agent/looks.ts'
import { fakeClock } from '../support/fake-clock.ts'

t.test('between a tick and the next a collector looks', async (t) => {
  const looks = createLooks(fakeClock(0, 2))
  const { signal } = new AbortController()
  const told: string[] = []
  looks.follow(signal, (state) => void told.push(state))
  for await (const atMs of looks.clock.ticks(10, signal)) told.push(String(atMs))
  t.strictSame(told, ['waits', 'looks', '0', 'waits', 'looks', '10', 'waits', 'over'])
})

t.test('one that leaves off is over', async (t) => {
  const looks = createLooks(fakeClock(0, 9))
  const { signal } = new AbortController()
  const told: string[] = []
  looks.follow(signal, (state) => void told.push(state))
  for await (const _ of looks.clock.ticks(10, signal)) break
  t.strictSame(told, ['waits', 'looks', 'over'])
})

t.test('each run is told of its own looks alone, and who is not followed of none', async (t) => {
  const looks = createLooks(fakeClock(0, 1))
  const [one, other] = [new AbortController().signal, new AbortController().signal]
  const told: string[] = []
  looks.follow(one, (state) => void told.push(state))
  for await (const _ of looks.clock.ticks(10, other)) t.strictSame(told, [])
  t.equal(looks.clock.now(), 10)
})
