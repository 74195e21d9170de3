import t, { type Test } from 'tap'
import type { CommandContext } from '../../../agent/commands/context.ts'
import { serveControl } from '../../../agent/control/server.ts'
import type { AgentStatus } from '../../../agent/control/status.ts'
import { saveStatus } from '../../../agent/control/stored-status.ts'
import { controlPath } from '../../../agent/paths.ts'
import { openStore, openStoreReadOnly } from '../../../storage/database.ts'
import { runAgent } from '../../support/command-context.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { socketFolder } from '../../support/socket-folder.ts'
import { aStatus, NOW_MS } from '../../support/status.ts'

/** A data folder whose agent answers with `status`. */
async function running(t: Test, status: AgentStatus): Promise<string> {
  const folder = socketFolder(t)
  const handlers = { status: () => status, findings: () => [], alerts: () => [] }
  const server = await serveControl({ path: controlPath(folder), handlers })
  t.teardown(() => server.close())
  return folder
}
const reading: Partial<CommandContext> = { openStoreReadOnly }

t.test('asks the agent that runs', async (t) => {
  const folder = await running(t, aStatus)
  const { output, exitCode } = await runAgent(['status', '--data-dir', folder])
  t.match(output, /^agent +degraded/)
  t.match(output, '/opt/jobs/collect.sh')
  t.equal(exitCode, 1)
  const healthy = await running(t, { ...aStatus, collectors: aStatus.collectors.slice(0, 1) })
  t.equal((await runAgent(['status', '--data-dir', healthy])).exitCode, 0)
})

t.test('for programs it is the whole status, with the health in a word', async (t) => {
  const folder = await running(t, aStatus)
  const { output } = await runAgent(['status', '--json', '--data-dir', folder])
  t.strictSame(JSON.parse(output), {
    health: 'degraded',
    reasons: ['degraded: linux.conntrack'],
    ...aStatus,
  })
})

t.test('reads the database of an agent that does not run', async (t) => {
  const folder = socketFolder(t)
  const store = openStore({ folder })
  saveStatus(store, aStatus)
  store.close()
  const { output, exitCode } = await runAgent(['status', '--data-dir', folder], reading)
  t.match(output, /^agent +down \(the agent does not run\)/)
  t.match(output, /linux\.audit +running +120,034/)
  t.match(output, 'events      0 stored', 'the figures of the store are its own')
  t.equal(exitCode, 2)
})

t.test('says where no agent has ever run', async (t) => {
  const folder = socketFolder(t)
  const text = await runAgent(['status', '--data-dir', folder], reading)
  t.match(text, { output: /^down: no agent runs in .*; start it: agent run\n$/, exitCode: 2 })
  const json = await runAgent(['status', '--json', '--data-dir', folder], reading)
  t.strictSame(JSON.parse(json.output), { health: 'down', isRunning: false, dataDir: folder })
})

t.test('--watch looks again, and draws over what it drew', async (t) => {
  const folder = await running(t, aStatus)
  const clock = { ...fakeClock(NOW_MS, 3), sleep: async () => {} }
  const plain = await runAgent(['status', '--watch', '--data-dir', folder], { clock })
  t.equal(plain.output.split('agent       degraded').length, 4, 'three looks')
  let drawn = ''
  const terminal = {
    write: (text: string) => {
      drawn += text
    },
    ...{ isTerminal: true, isColored: false, size: () => ({ columns: 100, rows: 10 }) },
  }
  const { exitCode } = await runAgent(['status', '--watch', '--data-dir', folder], {
    clock: { ...fakeClock(NOW_MS, 2), sleep: async () => {} },
    output: terminal,
  })
  t.equal(exitCode, 1)
  t.equal(drawn.split('\u001b[H').length, 3)
  t.equal(drawn.split('\n').length, 1 + 2 * 9, 'no more lines than there are rows')
})
