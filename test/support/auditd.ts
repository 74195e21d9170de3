/**
 * A real auditd for live tests as root: its own configuration, log and socket below a folder, the
 * rules that the product ships. Only one can run on a machine.
 */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stop } from './net-hosts.ts'
import { until } from './until.ts'

export interface Auditd {
  readonly socketPath: string
  readonly logPath: string
  close(): Promise<void>
}

/**
 * @param folder is made, and must be absolute
 * @param rules lines for auditctl
 * @param socket where others than root are to reach it: auditd closes the folder of its log to them
 */
export async function startAuditd(
  folder: string,
  rules: string,
  socket = { mode: '0600', path: join(folder, 'audispd_events') },
): Promise<Auditd> {
  const plugins = join(folder, 'plugins.d')
  mkdirSync(plugins, { recursive: true, mode: 0o750 })
  const [socketPath, logPath] = [socket.path, join(folder, 'audit.log')]
  const settings = {
    ...{
      local_events: 'yes',
      write_logs: 'yes',
      log_file: logPath,
      log_group: 'root',
      log_format: 'ENRICHED',
    },
    ...{
      flush: 'INCREMENTAL_ASYNC',
      freq: 50,
      max_log_file: 64,
      num_logs: 3,
      max_log_file_action: 'ROTATE',
    },
    ...{ name_format: 'NONE', q_depth: 2000, overflow_action: 'SYSLOG', plugin_dir: plugins },
    ...{
      space_left: 20,
      space_left_action: 'IGNORE',
      admin_space_left: 10,
      admin_space_left_action: 'IGNORE',
    },
    ...{
      disk_full_action: 'IGNORE',
      disk_error_action: 'IGNORE',
      use_libwrap: 'no',
      verify_email: 'no',
    },
  }
  const text = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`)
  writeFileSync(join(folder, 'auditd.conf'), text.join(''), { mode: 0o640 })
  const plugin = [
    'active = yes',
    'direction = out',
    'path = builtin_af_unix',
    'type = builtin',
    `args = ${socket.mode} ${socketPath}`,
    'format = string',
    '',
  ]
  writeFileSync(join(plugins, 'af_unix.conf'), plugin.join('\n'), { mode: 0o640 })
  const rulesPath = join(folder, 'test.rules')
  writeFileSync(rulesPath, rules)

  execFileSync('auditctl', ['-D'], { stdio: 'ignore' })
  const child = spawn('auditd', ['-n', '-c', folder], { stdio: ['ignore', 'ignore', 'inherit'] })
  async function close(): Promise<void> {
    execFileSync('auditctl', ['-D'], { stdio: 'ignore' })
    execFileSync('auditctl', ['-e', '0'], { stdio: 'ignore' })
    await stop(child)
  }
  try {
    await until('auditd listens', () => existsSync(socketPath) && existsSync(logPath))
    execFileSync('auditctl', ['-R', rulesPath], { stdio: ['ignore', 'ignore', 'inherit'] })
  } catch (error) {
    await close()
    throw error
  }
  return { socketPath, logPath, close }
}
