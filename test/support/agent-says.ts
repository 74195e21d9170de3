import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** What a command of the agent prints with `--json`; an empty object where it prints nothing. */
export function agentSays<T>(dataDir: string, command: string): T {
  const args = ['agent/main.ts', command, '--json', '--data-dir', dataDir]
  try {
    return JSON.parse(
      execFileSync(process.execPath, args, {
        cwd: join(import.meta.dirname, '..', '..'),
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    ) as T
  } catch (error) {
    // Degraded and down have exit codes of their own, and answer all the same.
    const { stdout } = error as { readonly stdout?: string }
    return JSON.parse(stdout || '{}') as T
  }
}
