/**
 * Where the agent's files are by default: the system's folders for root, the user's own otherwise. On
 * macOS both are called Application Support, on Windows there is one below ProgramData. Pure: the
 * environment is handed in.
 * @see https://specifications.freedesktop.org/basedir-spec/latest/
 */
import { createHash } from 'node:crypto'
import { posix, win32 } from 'node:path'

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
  if (platform === 'win32') {
    const folder = win32.join(env['ProgramData'] ?? 'C:\\ProgramData', 'Tidewatch')
    return { dataDir: win32.join(folder, 'data'), configFile: win32.join(folder, 'agent.yml') }
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

/** The running agent's socket, beside its database; on Windows a named pipe, one for each folder. */
export function controlPath(dataDir: string): string {
  if (!isWindowsPath(dataDir)) return posix.join(dataDir, 'control.sock')
  // A pipe's name holds no backslash, and Windows does not tell upper from lower case in a path.
  const folder = win32.normalize(dataDir).replace(/\\$/, '').toLowerCase()
  return `\\\\.\\pipe\\tidewatch-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`
}

/** From a drive, or from a share. */
const isWindowsPath = (path: string): boolean => /^(?:[a-z]:[\\/]|\\\\)/i.test(path)
