import t from 'tap'
import { systemdService } from '../../../agent/service/systemd-service.ts'
import { ACCOUNT_LINE, systemdUnit } from '../../../agent/service/systemd-unit.ts'

const OWN = '/etc/systemd/system/tidewatch-agent.service'

/** systemctl, as far as the agent asks it: what is shown, and what was done. */
function systemctl(shown: Readonly<Record<string, string>>, exitCode = 0) {
  const did: string[] = []
  return {
    did,
    async run(program: string, args: readonly string[]) {
      if (args[0] === 'show') {
        const lines = Object.entries(shown).map(([name, value]) => `${name}=${value}\n`)
        return { exitCode: 0, output: lines.join('') }
      }
      did.push([program, ...args].join(' '))
      return { exitCode, output: exitCode === 0 ? '' : 'Access denied\n' }
    },
    writeFile: async (path: string, text: string) => void did.push(`write ${path} ${text.length}`),
    removeFile: async (path: string) => void did.push(`remove ${path}`),
  }
}

t.test('installed, it is known to systemd and starts with the system', async (t) => {
  const it = systemctl({ LoadState: 'not-found', ActiveState: 'inactive', FragmentPath: '' })
  await systemdService(it).install(['/opt/tidewatch/tidewatch'])
  t.same(it.did, [
    `systemd-sysusers --inline ${ACCOUNT_LINE}`,
    `write ${OWN} ${systemdUnit(['/opt/tidewatch/tidewatch']).length}`,
    'systemctl daemon-reload',
    'systemctl enable --quiet tidewatch-agent.service',
  ])
})

t.test(
  'removed, it is stopped and its file is gone; what is not there is left alone',
  async (t) => {
    const it = systemctl({ LoadState: 'loaded', ActiveState: 'active', FragmentPath: OWN })
    await systemdService(it).uninstall()
    t.same(it.did, [
      'systemctl disable --quiet --now tidewatch-agent.service',
      `remove ${OWN}`,
      'systemctl daemon-reload',
    ])
    const none = systemctl({ LoadState: 'not-found', FragmentPath: '' })
    await systemdService(none).uninstall()
    t.same(none.did, [])
  },
)

t.test("a package's unit is the package manager's", async (t) => {
  const path = '/usr/lib/systemd/system/tidewatch-agent.service'
  const it = systemctl({ LoadState: 'loaded', ActiveState: 'active', FragmentPath: path })
  const service = systemdService(it)
  await t.rejects(service.install(['/x']), { code: 'ERR_SERVICE', message: /belongs to a package/ })
  await t.rejects(service.uninstall(), { code: 'ERR_SERVICE' })
  t.same(it.did, [])
})

t.test('its state, in the words of all systems', async (t) => {
  for (const [ActiveState, state] of [
    ['active', 'running'],
    ['activating', 'starting'],
    ['deactivating', 'stopping'],
    ['failed', 'stopped'],
    ['inactive', 'stopped'],
  ] as const) {
    t.equal(await systemdService(systemctl({ LoadState: 'loaded', ActiveState })).state(), state)
  }
  t.equal(await systemdService(systemctl({ LoadState: 'not-found' })).state(), 'not-installed')
})

t.test('what systemd refuses is told in its own words', async (t) => {
  const service = systemdService(systemctl({ LoadState: 'loaded' }, 4))
  await t.rejects(service.start(), { code: 'ERR_SERVICE', message: /Access denied/ })
  await t.rejects(service.stop(), { code: 'ERR_SERVICE', remedy: 'run it as root (sudo)' })
})
