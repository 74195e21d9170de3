import t from 'tap'
import { collect, correlate } from '../../../agent/config/schema-collect.ts'

t.test('every source is on unless it is switched off', async (t) => {
  const { linux } = collect.parse({ linux: { journal: { enabled: false } } })
  const off = Object.entries(linux).filter(([, source]) => !source.enabled)
  t.strictSame(
    off.map(([name]) => name),
    ['journal'],
  )
})

t.test('private addresses are destinations, the host itself and its link are none', async (t) => {
  t.strictSame(correlate.parse({}), {
    runQuiet: { ms: 2_000 },
    includeLoopback: false,
    includeLinkLocal: false,
    includeMulticast: false,
    includePrivate: true,
  })
})

t.test('a poll that would eat the host is refused', async (t) => {
  t.notOk(collect.safeParse({ linux: { procNet: { poll: '1ms' } } }).success)
})
