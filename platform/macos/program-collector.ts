/** Runs a program that prints once and ends (lsof, nettop), and gives what it printed. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { codeOf, messageOf, SourceError } from '../errors.ts'

/** A socket is some 80 bytes: room for a hundred thousand, twice. */
const MAX_OUTPUT_BYTES = 16 << 20

/**
 * @param timeoutMs it hangs, and is ended, when it takes longer
 * @returns `undefined` where `signal` ended it
 * @throws {SourceError} where it is not there, fails or hangs
 */
export async function printed(
  command: readonly [string, ...string[]],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const [program, ...args] = command
  try {
    const { stdout } = await promisify(execFile)(program, args, {
      signal,
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      maxBuffer: MAX_OUTPUT_BYTES,
      env: { LC_ALL: 'C', PATH: SEARCH_PATH },
    })
    return stdout
  } catch (cause) {
    if (signal.aborted) return undefined
    if (codeOf(cause) === 'ENOENT') {
      const remedy = `${program} comes with macOS; on other systems install it`
      throw new SourceError(`${program}: no such program`, { cause, remedy })
    }
    const { code, stdout, stderr, killed } = cause as ExecFailure
    // lsof ends with 1 also where there are no sockets, or where one process could not be looked at.
    if (code === 1 && (stdout || !stderr)) return stdout ?? ''
    const said = stderr?.trim().split('\n').at(-1)
    const reason = killed ? `no answer in ${timeoutMs / 1000} s` : said || messageOf(cause)
    throw new SourceError(`${program}: ${reason}`, { cause, remedy: 'run tidewatch as root' })
  }
}

interface ExecFailure {
  readonly code?: number | string
  readonly stdout?: string
  readonly stderr?: string
  readonly killed?: boolean
}

/** Fixed: a service may be started with any PATH, and root must not run what a user put first. */
const SEARCH_PATH = '/usr/sbin:/usr/bin:/sbin:/bin'
