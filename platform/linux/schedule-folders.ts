/**
 * Tells the scripts of cron.hourly, cron.daily, cron.weekly and cron.monthly as jobs of their own: when
 * they run stands in the line that has `run-parts` run their folder. Pure.
 */
import type { EpochMs, Schedule } from '../event.ts'

export interface FolderScript {
  /** Full path, as run-parts runs it. */
  readonly file: string
  readonly modifiedMs?: EpochMs
}

/** Debian's run-parts takes names of these only; Red Hat's script takes all but what editors leave. */
const DEBIAN_NAME = /^[A-Za-z0-9_-]+$/
const LEFT_OVER = /^\.|~$|[,]|\.(?:rpmsave|rpmorig|rpmnew|swp|cfsaved|bak|dpkg-\w+)$/

/** Whether cron.d and run-parts take a file of this name. */
export const isJobName = (name: string, isDebian: boolean): boolean =>
  isDebian ? DEBIAN_NAME.test(name) : !LEFT_OVER.test(name)

/**
 * @param folder as the line that runs it names it: `/etc/cron.daily`
 * @param runners the schedules of crontabs and anacrontab; anacron's come first where it is installed,
 *   since the crontab's line then leaves the folder to it
 */
export function folderSchedules(
  folder: string,
  scripts: readonly FolderScript[],
  runners: readonly Schedule[],
): Schedule[] {
  const runner = runners.find(({ command }) => runsFolder(command, folder))
  return scripts.map(({ file, modifiedMs }) => ({
    id: `cron:${file}`,
    scheduler: runner?.scheduler ?? 'cron',
    trigger: runner?.trigger ?? `run-parts ${folder}`,
    command: file,
    user: runner?.user ?? { name: 'root' },
    file,
    ...(modifiedMs === undefined ? {} : { modifiedMs }),
    ...(runner?.timing === undefined ? {} : { timing: runner.timing }),
  }))
}

const runsFolder = (command: string, folder: string): boolean =>
  command.includes('run-parts') && command.split(/[\s;|&{}()'"]+/).includes(folder)
