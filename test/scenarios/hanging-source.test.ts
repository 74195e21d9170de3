/**
 * A source that hangs for good, through the whole agent: its log is a FIFO that no one writes to, and
 * the system holds the thread that opens it.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, constants, openSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { askAgent } from '../../agent/control/client.ts'
import type { CollectorStatus } from '../../agent/control/status.ts'
import { configOfFed } from '../support/audit-feed.ts'
import { connectLines } from '../support/audit-lines.ts'
import { socketFolder } from '../support/socket-folder.ts'
import { until } from '../support/until.ts'

const skip = process.platform !== 'linux' && 'reads an audit log, on Linux'
const root = join(import.meta.dirname, '..', '..')

/** The agent with a log that hangs, as soon as it is said to hang. */
async function hanging(t: Test) {
  const folder = socketFolder(t)
  const place = (name: string): string => join(folder, name)
  const [log, dataDir] = [place('audit.log'), place('data')]
  execFileSync('mkfifo', [log])
  writeFileSync(place('agent.yml'), configOfFed(place('none'), log, ['limits: { maxLook: 5s }']))
  const args = ['agent/main.ts', 'run', '--config', place('agent.yml'), '--data-dir', dataDir]
  const agent = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  t.teardown(() => void agent.kill('SIGKILL'))
  const audit = async (): Promise<CollectorStatus | undefined> => {
    const status = await askAgent(place('data/control.sock'), { request: 'status' })
    return status?.collectors.find(({ dataset }) => dataset === 'linux.audit')
  }
  const is = (state: string) => async () => (await audit())?.state === state
  await until('it is said to hang', is('lost'), 40_000)
  return { agent, log, fifo: place('fifo'), audit, is }
}

t.setTimeout(240_000)

t.test('it is given up, said, and begun anew', { skip, timeout: 120_000 }, async (t) => {
  const { log, fifo, audit, is } = await hanging(t)
  t.match(await audit(), { reason: /no answer from its source in 5 s; see whether/ })
  renameSync(log, fifo)
  writeFileSync(log, '')
  // Behind auditd's log it is degraded: the socket would be sooner.
  await until('it reads the log', is('degraded'), 40_000)
  const records = `${connectLines(Date.now(), 1).join('\n')}\n`
  appendFileSync(log, records)
  await until('it has read a connection', async () => ((await audit())?.counters.emitted ?? 0) > 0)
  const counted = (await audit())?.counters

  // Now the thread comes back, with the same records: the one that was given up tells none of them.
  const writer = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK)
  appendFileSync(writer, records)
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  t.strictSame((await audit())?.counters, counted)
})

t.test('the agent ends, though the thread does not', { skip, timeout: 120_000 }, async (t) => {
  const { agent } = await hanging(t)
  agent.kill('SIGTERM')
  await once(agent, 'exit')
  t.pass('and no one had to kill it')
})
