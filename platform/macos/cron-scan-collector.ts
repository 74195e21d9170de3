/**
 * One look at what a Mac still has of Unix's schedulers: crontabs, at jobs, and the scripts of periodic,
 * which macOS 15 dropped. launchd starts all three, and each is a job of its own.
 * @see https://keith.github.io/xcode-man-pages/crontab.5.html
 */
import { join } from 'node:path/posix'
import type { Schedule } from '../event.ts'
import { parseAtJob } from '../shared/at-job.ts'
import { parseCrontab } from '../shared/crontab.ts'
import type { ScheduleFiles } from '../shared/schedule-files-collector.ts'
import { PERIODIC_FOLDERS, periodicSchedules } from './periodic.ts'

/** `/usr/lib/cron` and `/var` are links to these. Only Full Disk Access opens them, also to root. */
const USER_CRONTABS = '/private/var/at/tabs'
const AT_SPOOL = '/private/var/at/jobs'
const AT_NAME = /^[a-zA-Z=][0-9a-f]{13}$/

export interface CronScan {
  readonly schedules: readonly Schedule[]
  /** Lines and files that are no job, e.g. `/etc/crontab:12: no such hour`. */
  readonly malformed: readonly string[]
}

/** @param runners launchd's jobs, of which one runs periodic's folders */
export async function scanCron(
  files: ScheduleFiles,
  runners: readonly Schedule[],
): Promise<CronScan> {
  files.begin()
  const malformed: string[] = []

  async function crontab(path: string, user?: string): Promise<readonly Schedule[]> {
    const file = await files.read(path)
    if (file === undefined) return []
    const owner = user === undefined ? {} : { user }
    const options = { file: path, modifiedMs: file.modifiedMs, dialect: 'macos', ...owner } as const
    const { schedules, malformed: bad } = parseCrontab(file.text, options)
    for (const { line, reason } of bad) malformed.push(`${path}:${line}: ${reason}`)
    return schedules
  }

  async function crontabs(): Promise<Schedule[]> {
    const found = [...(await crontab('/etc/crontab'))]
    for (const user of await files.list(USER_CRONTABS)) {
      // `crontab -e` writes to `tmp.…` first.
      if (user.startsWith('.') || user.startsWith('tmp.')) continue
      found.push(...(await crontab(join(USER_CRONTABS, user), user)))
    }
    return found
  }

  async function atJobs(): Promise<Schedule[]> {
    const found: Schedule[] = []
    for (const name of await files.list(AT_SPOOL)) {
      if (!AT_NAME.test(name)) continue
      const file = await files.read(join(AT_SPOOL, name))
      if (file === undefined) continue
      const job = parseAtJob(file.text, { file: file.path, modifiedMs: file.modifiedMs })
      if (job.ok) found.push(job.value)
      else malformed.push(`${file.path}: ${job.reason}`)
    }
    return found
  }

  async function periodic(): Promise<Schedule[]> {
    const found: Schedule[] = []
    for (const { often, folder } of PERIODIC_FOLDERS) {
      const names = await files.list(folder)
      const scripts = await Promise.all(names.map((name) => files.find(join(folder, name))))
      const runnable = scripts.flatMap((script) => (script?.isExecutable ? [script] : []))
      found.push(...periodicSchedules(often, runnable, runners))
    }
    return found
  }

  const schedules = [...(await crontabs()), ...(await atJobs()), ...(await periodic())]
  return { schedules, malformed }
}
