/**
 * The Windows service, registered as the installer does it: with the same name, recovery and event
 * source, so that either can take over from the other.
 */
import { win32 } from 'node:path'
import {
  mustSucceed,
  type RunProgram,
  type ServiceManager,
  type ServiceProgram,
  type ServiceState,
} from './service-manager.ts'
import type { ServiceControl } from './windows-service-control.ts'

export const WINDOWS_SERVICE = 'Tidewatch'
const DEFINITION = {
  displayName: 'Tidewatch endpoint sensor',
  description: 'Finds scheduled, recurring transfers of data out of this host.',
  restartAfterMs: [5_000, 30_000, 300_000],
  forgetFailuresSeconds: 86_400,
}

export const EVENT_SOURCE_KEY = `HKLM\\SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\${WINDOWS_SERVICE}`
/** Windows' own: its messages 1 to 1000 are the text that they are given, and nothing else. */
const MESSAGE_FILE = '%SystemRoot%\\System32\\EventCreate.exe'

/** SYSTEM and Administrators, whatever they are called in the language of this Windows. */
const TRUSTED = ['*S-1-5-18', '*S-1-5-32-544']
const ELEVATE = 'run it as administrator'
/** Between looks at a service that starts or stops, and how many, which makes 30 s. */
const [LOOK_MS, LOOKS] = [500, 60]

export interface WindowsServiceOptions {
  readonly control: ServiceControl
  readonly run: RunProgram
  /** System32: a program of the same name elsewhere in the PATH must not be taken for Windows' own. */
  readonly systemDir: string
  /** Of the configuration, credentials and database: closed to all but administrators. */
  readonly folder: string
  readonly makeFolder: (folder: string) => Promise<void>
  readonly sleep: (ms: number) => Promise<unknown>
}

export function windowsService(options: WindowsServiceOptions): ServiceManager {
  const { control, run, systemDir, folder, makeFolder, sleep } = options
  const system = (name: string): string => win32.join(systemDir, name)
  const must = (program: string, args: readonly string[]) =>
    mustSucceed(run, system(program), args, ELEVATE)
  const state = (): ServiceState => control.state(WINDOWS_SERVICE)

  /** Windows answers before the service has done what it was asked for. */
  async function reach(wanted: ServiceState): Promise<void> {
    for (let looks = 0; looks < LOOKS && state() !== wanted; looks++) await sleep(LOOK_MS)
  }

  async function stop(): Promise<void> {
    if (state() === 'running' || state() === 'starting') control.stop(WINDOWS_SERVICE)
    if (state() !== 'not-installed') await reach('stopped')
  }

  return {
    label: `Windows service ${WINDOWS_SERVICE}`,
    async install(program) {
      control.define(WINDOWS_SERVICE, { ...DEFINITION, commandLine: commandLine(program) })
      await makeFolder(folder)
      const grants = TRUSTED.map((sid) => `${sid}:(OI)(CI)F`)
      await must('icacls.exe', [folder, '/inheritance:r', '/grant:r', ...grants])
      const event = (name: string, type: string, value: string) =>
        must('reg.exe', ['add', EVENT_SOURCE_KEY, '/v', name, '/t', type, '/d', value, '/f'])
      await event('EventMessageFile', 'REG_EXPAND_SZ', MESSAGE_FILE)
      await event('TypesSupported', 'REG_DWORD', '7')
    },
    async uninstall() {
      await stop()
      if (state() !== 'not-installed') control.remove(WINDOWS_SERVICE)
      // Not there is as good as deleted.
      await run(system('reg.exe'), ['delete', EVENT_SOURCE_KEY, '/f'])
    },
    async start() {
      control.start(WINDOWS_SERVICE)
      await reach('running')
    },
    stop,
    state: async () => state(),
  }
}

const commandLine = (program: ServiceProgram): string =>
  [...program.map((word) => `"${word}"`), 'run', '--service'].join(' ')
