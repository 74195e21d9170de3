import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { auditCollector } from '../../../platform/linux/audit-choice-collector.ts'
import { fakeClock } from '../../support/fake-clock.ts'

function host(t: Test) {
  const folder = mkdtempSync(join(tmpdir(), 'audit-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const [socketPath, logPath] = [join(folder, 'events'), join(folder, 'audit.log')]
  const collector = auditCollector({
    clock: fakeClock(1_800_000_000_000, 1),
    socketPaths: [socketPath],
    logPath,
  })
  const first = async () => {
    const batches = collector.batches(new AbortController().signal, { load: () => undefined })
    const iterator = batches[Symbol.asyncIterator]()
    await iterator.next()
    await iterator.return?.()
  }
  return { collector, socketPath, logPath, first }
}

t.test('takes the socket where there is one', async (t) => {
  const { collector, socketPath, logPath, first } = host(t)
  writeFileSync(logPath, '')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  t.teardown(() => server.close())
  await first()
  t.match(collector.description, /socket/)
  t.equal(collector.degraded?.(), undefined)
})

t.test('takes the log otherwise, and says what would be better', async (t) => {
  const { collector, logPath, first } = host(t)
  writeFileSync(logPath, '')
  await first()
  t.match(collector.description, /audit\.log/)
  t.match(collector.degraded?.(), /af_unix\.conf/)
})

t.test('a host with neither is told of the plugin', async (t) => {
  const { first } = host(t)
  await t.rejects(first(), { code: 'ERR_SOURCE_UNAVAILABLE', remedy: /active = yes/ })
})
