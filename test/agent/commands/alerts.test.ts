import t from 'tap'
import { serveControl } from '../../../agent/control/server.ts'
import { controlPath } from '../../../agent/paths.ts'
import { openStore, openStoreReadOnly } from '../../../storage/database.ts'
import { runAgent } from '../../support/command-context.ts'
import { socketFolder } from '../../support/socket-folder.ts'
import { anAlert, aStatus } from '../../support/status.ts'

t.test('asks the agent that runs, for so many', async (t) => {
  const folder = socketFolder(t)
  const limits: number[] = []
  const server = await serveControl({
    path: controlPath(folder),
    handlers: {
      status: () => aStatus,
      findings: () => [],
      alerts: (limit) => {
        limits.push(limit)
        return [anAlert]
      },
    },
  })
  t.teardown(() => server.close())
  const text = await runAgent(['alerts', '--data-dir', folder])
  t.match(text, { output: /83 +\/opt\/jobs\/collect\.sh sends/, exitCode: 0 })
  const json = await runAgent(['alerts', '--json', '--limit', '5', '--data-dir', folder])
  t.match(JSON.parse(json.output), [{ id: 'a1', document: { rule: { id: 'AN1119' } } }])
  t.strictSame(limits, [20, 5])
})

t.test('reads the database of an agent that does not run', async (t) => {
  const folder = socketFolder(t)
  const store = openStore({ folder })
  const { revision: _, sentRevision: __, ...record } = anAlert
  store.record({ alerts: [record] })
  store.close()
  const { output } = await runAgent(['alerts', '--data-dir', folder], { openStoreReadOnly })
  t.match(output, / waiting +a1\n$/)
})

t.test('a limit that is none is refused', async (t) => {
  for (const limit of ['0', '1001', 'x', '1.5', '-1', '']) {
    const { complaint, exitCode } = await runAgent(['alerts', '--limit', limit])
    t.match(complaint, 'whole number from 1 to 1000', limit)
    t.equal(exitCode, 64)
  }
})
