/**
 * The service of macOS: a launch daemon, loaded and unloaded by `launchctl`. The installer package and
 * `agent service install` write the same definition.
 */
import { AgentError } from '../../platform/errors.ts'
import {
  mustSucceed,
  type RunProgram,
  type ServiceManager,
  type ServiceProgram,
} from './service-manager.ts'

export const LAUNCHD_LABEL = 'io.tidewatch.agent'
const LAUNCHCTL = '/bin/launchctl'
const TARGET = `system/${LAUNCHD_LABEL}`
/** The installer makes it. */
const LOGS = '/Library/Logs/Tidewatch'
const AS_ROOT = 'run it as root (sudo)'
const PLIST = `/Library/LaunchDaemons/${LAUNCHD_LABEL}.plist`

export interface LaunchdServiceOptions {
  readonly run: RunProgram
  readonly writeFile: (path: string, text: string) => Promise<void>
  /** Not there is as good as removed. */
  readonly removeFile: (path: string) => Promise<void>
}

export function launchdService(options: LaunchdServiceOptions): ServiceManager {
  const { run, writeFile, removeFile } = options
  const must = (...args: readonly string[]) => mustSucceed(run, LAUNCHCTL, args, AS_ROOT)
  const print = () => run(LAUNCHCTL, ['print', TARGET])
  const isLoaded = async (): Promise<boolean> => (await print()).exitCode === 0
  const unload = async (): Promise<void> => {
    if (await isLoaded()) await must('bootout', TARGET)
  }

  return {
    label: `launch daemon ${LAUNCHD_LABEL}`,
    async install(program) {
      await unload()
      try {
        await writeFile(PLIST, launchdPlist(program))
      } catch (cause) {
        throw new AgentError('ERR_SERVICE', `${PLIST}: cannot be written`, {
          cause,
          remedy: AS_ROOT,
        })
      }
    },
    async uninstall() {
      await unload()
      await removeFile(PLIST)
    },
    async start() {
      // What is loaded starts by itself; what was stopped is loaded still.
      if (await isLoaded()) await must('kickstart', TARGET)
      else await must('bootstrap', 'system', PLIST)
    },
    async stop() {
      if (/\bstate = running\b/.test((await print()).output)) await must('kill', 'SIGTERM', TARGET)
    },
    async state() {
      const { exitCode, output } = await print()
      if (exitCode !== 0) return 'not-installed'
      return /\bstate = running\b/.test(output) ? 'running' : 'stopped'
    },
  }
}

/**
 * The definition of the daemon. It is started at boot, and again after a failure, but not where it was
 * asked to stop. launchd bounds no file that it writes, so the agent writes its log itself; launchd has
 * only what a process says that fails.
 */
export function launchdPlist(program: ServiceProgram): string {
  const run = ['run', '--json', '--log-file', `${LOGS}/agent.log`]
  const words = [...program, ...run].map((word) => `    <string>${escaped(word)}</string>`)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    '<dict>',
    '  <key>Label</key>',
    `  <string>${LAUNCHD_LABEL}</string>`,
    '  <key>ProgramArguments</key>',
    '  <array>',
    ...words,
    '  </array>',
    '  <key>RunAtLoad</key>',
    '  <true/>',
    '  <key>KeepAlive</key>',
    '  <dict>',
    '    <key>SuccessfulExit</key>',
    '    <false/>',
    '  </dict>',
    '  <key>ThrottleInterval</key>',
    '  <integer>10</integer>',
    '  <key>ExitTimeOut</key>',
    '  <integer>20</integer>',
    '  <key>ProcessType</key>',
    '  <string>Background</string>',
    '  <key>Umask</key>',
    '  <integer>63</integer>',
    '  <key>StandardOutPath</key>',
    `  <string>${LOGS}/agent.err</string>`,
    '  <key>StandardErrorPath</key>',
    `  <string>${LOGS}/agent.err</string>`,
    '</dict>',
    '</plist>',
    '',
  ].join('\n')
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
const escaped = (text: string): string =>
  text.replace(/[&<>]/g, (character) => ENTITIES[character] ?? '')
