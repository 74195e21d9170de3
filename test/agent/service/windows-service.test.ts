import t from 'tap'
import type { ServiceState } from '../../../agent/service/service-manager.ts'
import { EVENT_SOURCE_KEY, windowsService } from '../../../agent/service/windows-service.ts'
import type { ServiceDefinition } from '../../../agent/service/windows-service-control.ts'

const SYSTEM = 'C:\\Windows\\System32'

function host(initial: ServiceState, exitCode = 0) {
  let state = initial
  let definition: ServiceDefinition | undefined
  const did: string[] = []
  const note = (what: string, next: ServiceState) => (name: string) => {
    did.push(`${what} ${name}`)
    state = next
  }
  const service = windowsService({
    control: {
      state: () => state,
      define(name, given) {
        note('define', state === 'not-installed' ? 'stopped' : state)(name)
        definition = given
      },
      start: note('start', 'starting'),
      stop: note('stop', 'stopping'),
      remove: note('remove', 'not-installed'),
    },
    run: async (program, args) => {
      did.push([program, ...args].join(' '))
      return { exitCode, output: '' }
    },
    systemDir: SYSTEM,
    folder: 'C:\\ProgramData\\Tidewatch',
    makeFolder: async (folder) => void did.push(`make ${folder}`),
    // What was asked for comes about while it is waited for.
    sleep: async () => {
      state = state === 'starting' ? 'running' : 'stopped'
    },
  })
  return { service, did, state: () => state, definition: () => definition }
}

t.test('installs the service, closes its folder and registers its events', async (t) => {
  const it = host('not-installed')
  await it.service.install(['C:\\Program Files\\Tidewatch\\tidewatch.exe'])
  const folder = 'C:\\ProgramData\\Tidewatch'
  t.strictSame(it.did, [
    'define Tidewatch',
    `make ${folder}`,
    `${SYSTEM}\\icacls.exe ${folder} /inheritance:r /grant:r *S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F`,
    `${SYSTEM}\\reg.exe add ${EVENT_SOURCE_KEY} /v EventMessageFile /t REG_EXPAND_SZ /d %SystemRoot%\\System32\\EventCreate.exe /f`,
    `${SYSTEM}\\reg.exe add ${EVENT_SOURCE_KEY} /v TypesSupported /t REG_DWORD /d 7 /f`,
  ])
  t.match(it.definition(), {
    commandLine: '"C:\\Program Files\\Tidewatch\\tidewatch.exe" run --service',
    restartAfterMs: [5_000, 30_000, 300_000],
  })
})

t.test('from its sources, Node and the entry stand before the command', async (t) => {
  const it = host('not-installed')
  await it.service.install(['C:\\node.exe', 'C:\\agent\\main.ts'])
  t.equal(it.definition()?.commandLine, '"C:\\node.exe" "C:\\agent\\main.ts" run --service')
})

t.test('starting and stopping wait until it has', async (t) => {
  const stopped = host('stopped')
  await stopped.service.start()
  t.equal(await stopped.service.state(), 'running')
  await stopped.service.stop()
  t.equal(await stopped.service.state(), 'stopped')
  t.strictSame(stopped.did, ['start Tidewatch', 'stop Tidewatch'])
  await stopped.service.stop()
  t.equal(stopped.did.length, 2, 'what is stopped is not stopped again')
})

t.test('is stopped before it is removed; what is not there is removed already', async (t) => {
  const running = host('running')
  await running.service.uninstall()
  t.strictSame(running.did, [
    ...['stop Tidewatch', 'remove Tidewatch'],
    `${SYSTEM}\\reg.exe delete ${EVENT_SOURCE_KEY} /f`,
  ])
  const none = host('not-installed', 1)
  await none.service.uninstall()
  t.equal(none.state(), 'not-installed')
})

t.test('a program of Windows that fails is told', async (t) => {
  const installed = host('not-installed', 5).service.install(['C:\\x.exe'])
  await t.rejects(installed, { code: 'ERR_SERVICE', remedy: 'run it as administrator' })
})
