import fc from 'fast-check'
import t from 'tap'
import { createShedder } from '../../agent/shedder.ts'
import type { Event } from '../../platform/event.ts'
import { holds } from '../support/holds.ts'

const connect = (executable: string, atMs: number): Event => ({
  ...{ kind: 'connection', phase: 'start', atMs, dataset: 'linux.audit' },
  ...{ destination: { ip: '198.51.100.7', port: 443 }, process: { pid: 7, executable } },
})
const MAX_LAG_MS = 30_000
const many = (executable: string, count: number, atMs: number): Event[] =>
  Array.from({ length: count }, () => connect(executable, atMs))

/** A host in which each event that is worked on costs `costMs` of CPU, a second at a time. */
function host(share: number, costMs: number) {
  const shedder = createShedder(() => ({ cpu: share, maxLagMs: MAX_LAG_MS }))
  let [cpuMs, second] = [0, 0]
  shedder.look(0, 0, 0)
  return {
    shedder,
    /** @returns the share of a core that the second took */
    pass(
      events: (atMs: number) => Event[],
      behindMs = 0,
    ): { kept: readonly Event[]; used: number } {
      const kept = shedder.sift(events(second++ * 1_000))
      cpuMs += kept.length * costMs
      shedder.look(cpuMs, behindMs, second * 1_000)
      return { kept, used: (kept.length * costMs) / 1_000 }
    },
  }
}

t.test('within its share it leaves out nothing, and says nothing', async (t) => {
  const { pass, shedder } = host(0.5, 0.1)
  for (let i = 0; i < 60; i++) t.equal(pass((atMs) => many('/a', 1_000, atMs)).kept.length, 1_000)
  t.equal(shedder.status(), undefined)
})

t.test('a flood is held to the share, and a beacon beside it loses nothing', async (t) => {
  const { pass, shedder } = host(0.2, 0.1)
  const rounds = Array.from({ length: 120 }, () =>
    pass((atMs) => [...many('/scan', 9_000, atMs), connect('/beacon', atMs)]),
  )
  const beats = rounds.filter(({ kept }) =>
    kept.some((event) => event.kind === 'connection' && event.process?.executable === '/beacon'),
  )
  t.equal(beats.length, rounds.length, 'each beat')
  const late = rounds.slice(60).map(({ used }) => used)
  const mean = late.reduce((sum, used) => sum + used, 0) / late.length
  t.ok(mean > 0.05 && mean < 0.22, `${mean} of a core in the mean`)
  const left = rounds.reduce((sum, { kept }) => sum + 9_001 - kept.length, 0)
  t.match(shedder.status(), { events: left, cap: Number })
})

const isOf = (executable: string) => (event: Event) =>
  event.kind === 'connection' && event.process?.executable === executable

t.test(
  'a flood of ever new senders is held to the share, and who recurs loses nothing',
  async (t) => {
    const { pass, shedder } = host(0.2, 0.1)
    for (let i = 0; i < 180; i++) pass((atMs) => (i % 60 === 0 ? [connect('/beacon', atMs)] : []))
    const rounds = Array.from({ length: 300 }, (_, i) =>
      pass((atMs) => [
        ...Array.from({ length: 9_000 }, (_, n) => connect(`/tmp/${i}-${n}`, atMs)),
        ...(i % 60 === 0 ? [connect('/beacon', atMs)] : []),
      ]),
    )
    t.equal(rounds.filter(({ kept }) => kept.some(isOf('/beacon'))).length, 5, 'each beat')
    const late = rounds.slice(60).map(({ used }) => used)
    const mean = late.reduce((sum, used) => sum + used, 0) / late.length
    t.ok(mean > 0.01 && mean < 0.22, `${mean} of a core in the mean`)
    const left = rounds.reduce(
      (sum, { kept }, i) => sum + 9_000 + Number(i % 60 === 0) - kept.length,
      0,
    )
    t.match(shedder.status(), { events: left, cap: Number })
  },
)

t.test('a beacon that begins in a flood is kept from its second beat', async (t) => {
  const { pass } = host(0.2, 0.1)
  const beats = Array.from({ length: 600 }, (_, i) =>
    pass((atMs) => [
      ...Array.from({ length: 1_000 }, (_, n) => connect(`/tmp/${i}-${n}`, atMs)),
      ...Array.from({ length: 3_000 }, () => connect('/scan', atMs)),
      ...(i >= 120 && i % 60 === 0 ? [connect('/late', atMs)] : []),
    ]),
  ).filter(({ kept }) => kept.some(isOf('/late')))
  t.ok(beats.length >= 7, `${beats.length} of 8 beats`)
})

t.test('a sender that scans loses what it scans, and not what it does ever again', async (t) => {
  const { pass } = host(0.2, 0.1)
  const to = (ip: string, atMs: number): Event => ({
    ...{ kind: 'connection', phase: 'start', atMs, dataset: 'linux.audit' },
    ...{ destination: { ip, port: 443 }, process: { pid: 7, executable: '/usr/bin/python3' } },
  })
  for (let i = 0; i < 180; i++) pass((atMs) => (i % 60 === 0 ? [to('198.51.100.9', atMs)] : []))
  const kept = Array.from({ length: 300 }, (_, i) =>
    pass((atMs) => [
      ...Array.from({ length: 9_000 }, (_, n) => to(`10.${i % 250}.${n >> 8}.${n & 255}`, atMs)),
      ...(i % 60 === 0 ? [to('198.51.100.9', atMs)] : []),
    ]),
  ).flatMap(({ kept }) => kept)
  const isBeat = (event: Event) =>
    event.kind === 'connection' && event.destination.ip === '198.51.100.9'
  t.equal(kept.filter(isBeat).length, 5, 'each beat')
})

t.test('what waits tightens it, though the CPU is within its share', async (t) => {
  const { pass, shedder } = host(0.9, 0.01)
  for (let i = 0; i < 20; i++) pass((atMs) => many('/scan', 9_000, atMs), MAX_LAG_MS / 2)
  t.match(shedder.status(), { cap: 20 })
  for (let i = 0; i < 200; i++) pass((atMs) => many('/scan', 9_000, atMs))
  t.equal(shedder.status()?.cap, undefined, 'and it is loosened when nothing waits')
})

t.test('when the flood is over all is worked on again', async (t) => {
  const { pass, shedder } = host(0.2, 0.1)
  for (let i = 0; i < 60; i++) pass((atMs) => many('/scan', 9_000, atMs))
  for (let i = 0; i < 60; i++) pass((atMs) => many('/a', 10, atMs))
  t.equal(shedder.status()?.cap, undefined)
  t.ok((shedder.status()?.events ?? 0) > 0, 'what was left out stays counted')
})

t.test('a log that is read on is no flood, however fast', async (t) => {
  const { pass } = host(0.1, 1)
  const hour = (atMs: number) =>
    Array.from({ length: 3_600 }, (_, i) => connect('/a', atMs + i * 1e6))
  for (let i = 0; i < 30; i++) t.equal(pass(hour).kept.length, 3_600)
})

t.test('jobs and losses are always told', async (t) => {
  const { pass } = host(0.05, 10)
  const losses = (atMs: number): Event[] =>
    Array.from({ length: 500 }, () => ({ kind: 'loss', atMs, dataset: 'x', reason: 'overrun' }))
  for (let i = 0; i < 30; i++) t.equal(pass(losses).kept.length, 500)
})

t.test('a share of a whole core never leaves out anything', async (t) => {
  const { pass } = host(1, 10)
  for (let i = 0; i < 30; i++) t.equal(pass((atMs) => many('/a', 1_000, atMs)).kept.length, 1_000)
})

t.test('properties', async (t) => {
  const sizes = fc.array(fc.nat(400), { minLength: 1, maxLength: 40 })
  const ordered = fc.property(sizes, (counts) => {
    const { pass } = host(0.05, 1)
    return counts.every((count, i) => {
      const events = many(`/${i % 3}`, count, 0)
      const { kept } = pass(() => events)
      return kept.every((event, at) => event === events[at])
    })
  })
  holds(t, 'what is kept of a second is its beginning, in order', ordered)
})
