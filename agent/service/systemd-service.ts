/**
 * The service of Linux: a systemd unit in /etc/systemd/system and the account that it runs as, for
 * machines without the deb or rpm. By systemd's own programs, which say themselves what they cannot do.
 * The account stays when the service is removed: the data is its.
 */
import { AgentError } from '../../platform/errors.ts'
import {
  mustSucceed,
  type RunProgram,
  type ServiceManager,
  type ServiceState,
} from './service-manager.ts'
import { ACCOUNT_LINE, systemdUnit, UNIT_NAME } from './systemd-unit.ts'

const SYSTEMCTL = 'systemctl'
const PATH = `/etc/systemd/system/${UNIT_NAME}`
const AS_ROOT = 'run it as root (sudo)'

export interface SystemdServiceOptions {
  readonly run: RunProgram
  readonly writeFile: (path: string, text: string) => Promise<void>
  /** Not there is as good as removed. */
  readonly removeFile: (path: string) => Promise<void>
}

/** ActiveState, as systemctl(1) shows it. */
const STATES: Readonly<Record<string, ServiceState>> = {
  active: 'running',
  reloading: 'running',
  activating: 'starting',
  deactivating: 'stopping',
}

export function systemdService({
  run,
  writeFile,
  removeFile,
}: SystemdServiceOptions): ServiceManager {
  const must = (...args: readonly string[]) => mustSucceed(run, SYSTEMCTL, args, AS_ROOT)
  const show = async (): Promise<ReadonlyMap<string, string>> => {
    const names = 'LoadState,ActiveState,FragmentPath'
    const text = await must('show', UNIT_NAME, `--property=${names}`)
    return new Map(
      text.split('\n').map((line) => {
        const [name = '', ...value] = line.split('=')
        return [name, value.join('=')]
      }),
    )
  }
  const ofPackage = async (): Promise<void> => {
    const path = (await show()).get('FragmentPath') ?? ''
    if (path === '' || path === PATH) return
    throw new AgentError('ERR_SERVICE', `${UNIT_NAME}: belongs to a package (${path})`, {
      remedy: 'the package manager installs and removes it',
    })
  }

  return {
    label: `systemd service ${UNIT_NAME}`,
    async install(program) {
      await ofPackage()
      await mustSucceed(run, 'systemd-sysusers', ['--inline', ACCOUNT_LINE], AS_ROOT)
      try {
        await writeFile(PATH, systemdUnit(program))
      } catch (cause) {
        throw new AgentError('ERR_SERVICE', `${PATH}: cannot be written`, {
          cause,
          remedy: AS_ROOT,
        })
      }
      await must('daemon-reload')
      await must('enable', '--quiet', UNIT_NAME)
    },
    async uninstall() {
      await ofPackage()
      if ((await show()).get('LoadState') !== 'loaded') return
      await must('disable', '--quiet', '--now', UNIT_NAME)
      await removeFile(PATH)
      await must('daemon-reload')
    },
    async start() {
      await must('start', UNIT_NAME)
    },
    async stop() {
      await must('stop', UNIT_NAME)
    },
    async state() {
      const facts = await show()
      if (facts.get('LoadState') !== 'loaded') return 'not-installed'
      return STATES[facts.get('ActiveState') ?? ''] ?? 'stopped'
    },
  }
}
