/**
 * Where the agent's files are by default: the system's folders for root, the user's own otherwise. On
 * macOS both are called Application Support. Pure: the environment is handed in.
 * @see https://specifications.freedesktop.org/basedir-spec/latest/
 */
import { posix } from 'node:path'

export interface Surroundings {
  /** As Node names it. */
  readonly platform: string
  /** 0 is root; `undefined` where the system has no such number. */
  readonly uid: number | undefined
  readonly home: string
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface DefaultPaths {
  readonly dataDir: string
  readonly configFile: string
}

export function defaultPaths({ platform, uid, home, env }: Surroundings): DefaultPaths {
  if (platform === 'darwin') {
    const folder = posix.join(uid === 0 ? '/' : home, 'Library', 'Application Support', 'Tidewatch')
    return { dataDir: posix.join(folder, 'data'), configFile: posix.join(folder, 'agent.yml') }
  }
  if (uid === 0) {
    return { dataDir: '/var/lib/tidewatch', configFile: '/etc/tidewatch/agent.yml' }
  }
  const state = xdg(env['XDG_STATE_HOME']) ?? posix.join(home, '.local', 'state')
  const config = xdg(env['XDG_CONFIG_HOME']) ?? posix.join(home, '.config')
  return {
    dataDir: posix.join(state, 'tidewatch'),
    configFile: posix.join(config, 'tidewatch', 'agent.yml'),
  }
}

/** The specification: a relative path is invalid, and is ignored; empty is as if not set. */
const xdg = (value: string | undefined): string | undefined =>
  value !== undefined && posix.isAbsolute(value) ? value : undefined

/** The running agent's socket, beside its database. */
export const controlPath = (dataDir: string): string => posix.join(dataDir, 'control.sock')
