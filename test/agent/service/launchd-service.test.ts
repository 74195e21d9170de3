import { parse } from 'plist'
import t from 'tap'
import { launchdPlist, launchdService } from '../../../agent/service/launchd-service.ts'
import type { ProgramResult } from '../../../agent/service/service-manager.ts'

const NOT_LOADED: ProgramResult = { exitCode: 113, output: 'Could not find service' }
const RUNNING: ProgramResult = { exitCode: 0, output: '\tstate = running\n\tpid = 7\n' }
const WAITING: ProgramResult = { exitCode: 0, output: '\tstate = not running\n' }
const LOG = '/Library/Logs/Tidewatch/agent.log'
const PLIST = '/Library/LaunchDaemons/io.tidewatch.agent.plist'

/** @param printed what `launchctl print` answers */
function host(printed: ProgramResult, other: ProgramResult = { exitCode: 0, output: '' }) {
  const ran: string[] = []
  const files = new Map<string, string>()
  const service = launchdService({
    run: async (program, args) => {
      if (args[0] === 'print') return printed
      ran.push([program, ...args].join(' '))
      return other
    },
    writeFile: async (path, text) => void files.set(path, text),
    removeFile: async (path) => void files.delete(path),
  })
  return { service, ran, files }
}

t.test('the definition is a property list with what launchd needs', async (t) => {
  const read = parse(launchdPlist(['/Library/Tide & watch/tidewatch']))
  t.match(read, {
    Label: 'io.tidewatch.agent',
    ProgramArguments: ['/Library/Tide & watch/tidewatch', 'run', '--json', '--log-file', LOG],
    ...{ StandardOutPath: /agent\.err$/, StandardErrorPath: /agent\.err$/ },
    ...{ RunAtLoad: true, KeepAlive: { SuccessfulExit: false }, Umask: 0o77 },
  })
})

t.test('is written when installed, and unloaded first where it runs', async (t) => {
  const fresh = host(NOT_LOADED)
  await fresh.service.install(['/opt/tidewatch'])
  t.strictSame(fresh.ran, [])
  t.match(fresh.files.get(PLIST), '<string>/opt/tidewatch</string>')
  const again = host(RUNNING)
  await again.service.install(['/opt/tidewatch'])
  t.strictSame(again.ran, ['/bin/launchctl bootout system/io.tidewatch.agent'])
})

t.test('starts by loading it, or by starting what is loaded', async (t) => {
  const fresh = host(NOT_LOADED)
  await fresh.service.start()
  t.strictSame(fresh.ran, [`/bin/launchctl bootstrap system ${PLIST}`])
  const loaded = host(WAITING)
  await loaded.service.start()
  t.strictSame(loaded.ran, ['/bin/launchctl kickstart system/io.tidewatch.agent'])
})

t.test('stops what runs, and only that', async (t) => {
  const running = host(RUNNING)
  await running.service.stop()
  t.strictSame(running.ran, ['/bin/launchctl kill SIGTERM system/io.tidewatch.agent'])
  const waiting = host(WAITING)
  await waiting.service.stop()
  t.strictSame(waiting.ran, [])
})

t.test('is unloaded and removed', async (t) => {
  const running = host(RUNNING)
  running.files.set(PLIST, '')
  await running.service.uninstall()
  t.strictSame(running.ran, ['/bin/launchctl bootout system/io.tidewatch.agent'])
  t.equal(running.files.size, 0)
})

t.test('tells its state', async (t) => {
  t.equal(await host(NOT_LOADED).service.state(), 'not-installed')
  t.equal(await host(WAITING).service.state(), 'stopped')
  t.equal(await host(RUNNING).service.state(), 'running')
})

t.test('what launchctl refuses is told with its words', async (t) => {
  const refused = host(NOT_LOADED, {
    exitCode: 5,
    output: 'Bootstrap failed: 5: Input/output error',
  })
  await t.rejects(refused.service.start(), {
    ...{ code: 'ERR_SERVICE', remedy: 'run it as root (sudo)' },
    message: /Bootstrap failed/,
  })
})
