/**
 * Tells the scripts of periodic as jobs of their own: when they run stands in the job of launchd that
 * has periodic run their folder. Pure.
 * @see https://keith.github.io/xcode-man-pages/periodic.8.html
 */
import type { EpochMs, Schedule } from '../event.ts'

const OFTEN = ['daily', 'weekly', 'monthly'] as const

export const PERIODIC_FOLDERS = ['/etc/periodic', '/usr/local/etc/periodic'].flatMap((parent) =>
  OFTEN.map((often) => ({ often, folder: `${parent}/${often}` })),
)

export interface PeriodicScript {
  readonly path: string
  readonly modifiedMs: EpochMs
}

/** @param runners launchd's jobs, of which one may be `/usr/libexec/periodic-wrapper daily` */
export function periodicSchedules(
  often: string,
  scripts: readonly PeriodicScript[],
  runners: readonly Schedule[],
): Schedule[] {
  const runner = runners.find(({ command }) => {
    const [program = '', ...args] = command.split(' ')
    return /\/periodic(?:-wrapper)?$/.test(program) && args.includes(often)
  })
  return scripts.map(({ path, modifiedMs }) => ({
    id: `periodic:${path}`,
    scheduler: 'launchd',
    trigger: `periodic ${often}`,
    command: path,
    user: { name: 'root' },
    file: path,
    modifiedMs,
    ...(runner?.timing === undefined ? {} : { timing: runner.timing }),
  }))
}
