/**
 * Says in plain words why eslogger ended, from what it printed. Pure.
 *
 * eslogger is a client of Endpoint Security: it needs root, and Full Disk Access for the process that
 * answers for it, which is the agent where launchd started it and the terminal where a person did.
 */

export interface Complaint {
  /** One line: what is wrong. */
  readonly reason: string
  /** One line: what a person can do about it. */
  readonly remedy: string
}

const FULL_DISK_ACCESS =
  'grant Full Disk Access to tidewatch (System Settings, Privacy & Security, Full Disk Access; in a fleet by a privacy preferences profile), then restart it'

/** Codes of `es_new_client_result_t`, which eslogger prints behind its sentence. */
const KNOWN: readonly (readonly [RegExp, Complaint])[] = [
  [
    /ERR_NOT_PERMITTED|Full Disk Access|TCC/,
    { reason: 'has no Full Disk Access', remedy: FULL_DISK_ACCESS },
  ],
  [
    /ERR_NOT_PRIVILEGED|superuser|super-user/,
    { reason: 'is not run as root', remedy: 'run tidewatch as root: install its launchd service' },
  ],
  [
    /ERR_TOO_MANY_CLIENTS/,
    {
      reason: 'has no place left: too many clients of Endpoint Security',
      remedy: 'stop another security product, or an eslogger that was left running',
    },
  ],
  [
    /Failed to parse event types/,
    {
      reason: 'does not know exec, fork and exit',
      remedy: 'eslogger --list-events shows what this macOS has',
    },
  ],
]

/** @param ended how the child ended, e.g. `ended with 1`: told where nothing was printed */
export function esloggerComplaint(stderr: string, ended: string): Complaint {
  const known = KNOWN.find(([pattern]) => pattern.test(stderr))?.[1]
  if (known !== undefined) return known
  const last = stderr.trim().split('\n').at(-1)
  return {
    reason: last || ended,
    remedy: 'eslogger comes with macOS 13 and later; it needs root and Full Disk Access',
  }
}
