import t from 'tap'
import type { ServiceManager, ServiceState } from '../../../agent/service/service-manager.ts'
import { noService, runAgent } from '../../support/command-context.ts'

function manager(state: ServiceState) {
  const did: string[] = []
  const note = (what: string) => async () => void did.push(what)
  const it: ServiceManager = {
    label: 'service Tidewatch',
    install: async (program) => void did.push(`install ${program}`),
    ...{ uninstall: note('uninstall'), start: note('start'), stop: note('stop') },
    state: async () => state,
  }
  return { did, service: { ...noService, manager: async () => it } }
}

for (const [word, said] of [
  ['install', 'is installed; start it by agent service start'],
  ['uninstall', 'is removed'],
  ['start', 'is started'],
  ['stop', 'is stopped'],
] as const) {
  t.test(`${word} is done and told`, async (t) => {
    const { did, service } = manager('running')
    const { output, exitCode } = await runAgent(['service', word], { service })
    t.equal(output, `service Tidewatch: ${said}\n`)
    t.strictSame(did, [word === 'install' ? 'install /opt/tidewatch' : word])
    t.equal(exitCode, 0)
  })
}

for (const [state, said, code] of [
  ['running', 'runs', 0],
  ['starting', 'starts', 0],
  ['stopped', 'is installed, and does not run', 3],
  ['not-installed', 'is not installed', 4],
] as const) {
  t.test(`status: ${state}`, async (t) => {
    const { service } = manager(state)
    const told = await runAgent(['service', 'status'], { service })
    t.strictSame([told.output, told.exitCode], [`service Tidewatch ${said}\n`, code])
    const json = await runAgent(['service', 'status', '--json'], { service })
    t.strictSame(JSON.parse(json.output), { service: 'service Tidewatch', state })
    t.equal(json.exitCode, code)
  })
}

t.test('where no manager is known, that is the answer', async (t) => {
  const { complaint, exitCode } = await runAgent(['service', 'start'])
  t.strictSame([complaint, exitCode], ['no service manager\n', 70])
})
