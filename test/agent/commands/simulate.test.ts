import t, { type Test } from 'tap'
import { startReceiver } from '../../../agent/commands/simulate-transfers.ts'
import { serveControl } from '../../../agent/control/server.ts'
import { controlPath } from '../../../agent/paths.ts'
import type { StoredAlert } from '../../../storage/alert.ts'
import { runAgent } from '../../support/command-context.ts'
import { socketFolder } from '../../support/socket-folder.ts'
import { aFinding, aStatus, NOW_MS } from '../../support/status.ts'

/** An agent that has found a transfer to `destination`, and alerted. */
async function agentThatFound(t: Test, destination: string, revision = 1): Promise<string> {
  const folder = socketFolder(t)
  const alert: StoredAlert = {
    ...{ id: 'a1', seriesKey: aFinding.seriesKey, createdMs: NOW_MS, updatedMs: NOW_MS },
    ...{ document: '{}', send: true, revision, sentRevision: 1 },
  }
  const server = await serveControl({
    path: controlPath(folder),
    handlers: {
      status: () => aStatus,
      findings: () => [{ ...aFinding, destination }],
      alerts: () => [alert],
    },
  })
  t.teardown(() => server.close())
  return folder
}

t.test('the chain is proven to the endpoint', async (t) => {
  const receiver = await startReceiver()
  t.teardown(() => receiver.close())
  const { host } = new URL(receiver.url)
  const folder = await agentThatFound(t, host)
  const ran = await runAgent([
    'simulate',
    '--url',
    receiver.url,
    '--count',
    '3',
    '--bytes',
    '2KiB',
    '--data-dir',
    folder,
  ])
  t.equal(ran.exitCode, 0, ran.complaint)
  t.match(ran.output, '3/3  2.0 KiB sent, the last\n')
  t.match(ran.output, `sent 3 of 3 transfers to ${host}\n`)
  t.match(ran.output, 'found: every 15 min, 42 beats of /opt/jobs/collect.sh, score 0.99')
  t.match(ran.output, 'alert: a1, taken by the endpoint')
  t.equal(receiver.receivedBytes(), 3 * 2_048)
  const waiting = await agentThatFound(t, host, 2)
  const again = await runAgent([
    'simulate',
    '--url',
    receiver.url,
    '--count',
    '1',
    '--data-dir',
    waiting,
  ])
  t.match(again.output, 'alert: a1, on this host')
})

t.test('a receiver of its own, and an agent that found nothing', async (t) => {
  const folder = await agentThatFound(t, 'elsewhere:1')
  const ran = await runAgent(['simulate', '--count', '1', '--wait', '1ms', '--data-dir', folder], {
    // Its time goes on, since the agent is waited for.
    clock: { now: clockOf(), ticks: async function* () {}, sleep: async () => {} },
  })
  t.match(ran, { exitCode: 1, output: /not found by the agent yet: agent doctor/ })
  t.match(ran.output, /4\.0 KiB received/)
})

t.test('no agent, no receiver', async (t) => {
  const none = await runAgent(['simulate', '--count', '1', '--data-dir', socketFolder(t)])
  t.match(none, { exitCode: 1, output: /no agent runs on/ })
  const refused = await runAgent(['simulate', '--count', '1', '--url', 'http://127.0.0.1:9'])
  t.match(refused, { exitCode: 2, output: /1\/1 .*, the last\nsent 0 of 1/ })
})

t.test('says which option is wrong', async (t) => {
  for (const [option, value, complaint] of [
    ['--url', 'ftp://x', /must be a URL/],
    ['--period', '1s', /3s at least/],
    ['--jitter', '95', /from 0 to 90/],
    ['--count', '0', /from 1 to/],
    ['--bytes', '1GiB', /up to 64MiB/],
    ['--wait', '10', /a duration such as/],
  ] as const) {
    const { exitCode, complaint: said } = await runAgent(['simulate', option, value])
    t.match(said, complaint, option)
    t.equal(exitCode, 64)
  }
})

function clockOf(): () => number {
  let now = 0
  return () => now++
}
