/** One look at all places where a Linux host keeps job definitions. */
import { join } from 'node:path/posix'
import type { Schedule } from '../event.ts'
import { parseAtJob } from '../shared/at-job.ts'
import { parseCrontab, type ScheduleFile } from '../shared/crontab.ts'
import type { ScheduleFiles } from '../shared/schedule-files-collector.ts'
import { parseAnacrontab } from './anacrontab.ts'
import { folderSchedules, isJobName } from './schedule-folders.ts'
import { findTimers } from './systemd-units-collector.ts'

/** Debian, Red Hat, SUSE, and Alpine, where a link makes it the first again. */
const USER_CRONTABS = [
  '/var/spool/cron/crontabs',
  '/var/spool/cron',
  '/var/spool/cron/tabs',
  '/etc/crontabs',
]
const RUN_PARTS_FOLDERS = [
  ...['hourly', 'daily', 'weekly', 'monthly', 'yearly'].map((often) => `/etc/cron.${often}`),
  ...['15min', 'hourly', 'daily', 'weekly', 'monthly'].map((often) => `/etc/periodic/${often}`),
]
const AT_SPOOLS = ['/var/spool/cron/atjobs', '/var/spool/at', '/var/spool/atjobs']

export interface Scan {
  /** By id. */
  readonly schedules: ReadonlyMap<string, Schedule>
  /** The id of the timer that starts a service, by the service's name. */
  readonly timers: ReadonlyMap<string, string>
  /** Places that could not be read for want of rights. */
  readonly unreadable: readonly string[]
  /** Lines and files that are no job, e.g. `/etc/crontab:12: no such hour`. */
  readonly malformed: readonly string[]
}

export async function scanSchedules(files: ScheduleFiles): Promise<Scan> {
  files.begin()
  const malformed: string[] = []
  const take = (path: string, { schedules, malformed: bad }: ScheduleFile): readonly Schedule[] => {
    for (const { line, reason } of bad) malformed.push(`${path}:${line}: ${reason}`)
    return schedules
  }
  const isDebian = (await files.find('/etc/debian_version')) !== undefined
  const dialect = (await files.find('/usr/sbin/crond')) === undefined ? 'debian' : 'cronie'

  async function crontab(path: string, user?: string): Promise<readonly Schedule[]> {
    const file = await files.read(path)
    if (file === undefined) return []
    const owner = user === undefined ? {} : { user }
    const options = { file: path, modifiedMs: file.modifiedMs, dialect, ...owner } as const
    return take(path, parseCrontab(file.text, options))
  }

  async function crontabs(): Promise<Schedule[]> {
    const found = [...(await crontab('/etc/crontab'))]
    for (const name of await files.list('/etc/cron.d')) {
      if (isJobName(name, isDebian)) found.push(...(await crontab(join('/etc/cron.d', name))))
    }
    const seen = new Set<string>()
    for (const folder of USER_CRONTABS) {
      for (const user of await files.list(folder)) {
        // `crontab -e` writes to `tmp.…` first. A user has one crontab, whatever links lead to it.
        if (seen.has(user) || user.startsWith('.') || user.startsWith('tmp.')) continue
        if ((await files.find(join(folder, user))) === undefined) continue
        seen.add(user)
        found.push(...(await crontab(join(folder, user), user)))
      }
    }
    return found
  }

  async function anacron(): Promise<readonly Schedule[]> {
    if ((await files.find('/usr/sbin/anacron')) === undefined) return []
    const file = await files.read('/etc/anacrontab')
    if (file === undefined) return []
    return take(file.path, parseAnacrontab(file.text, { ...file, file: file.path }))
  }

  async function folders(runners: readonly Schedule[]): Promise<Schedule[]> {
    const found: Schedule[] = []
    for (const folder of RUN_PARTS_FOLDERS) {
      const names = (await files.list(folder)).filter((name) => isJobName(name, isDebian))
      const scripts = await Promise.all(names.map((name) => files.find(join(folder, name))))
      const runnable = scripts.filter((script) => script?.isExecutable === true)
      const facts = runnable.flatMap((script) => (script ? [{ ...script, file: script.path }] : []))
      found.push(...folderSchedules(folder, facts, runners))
    }
    return found
  }

  async function atJobs(): Promise<Schedule[]> {
    const found: Schedule[] = []
    for (const spool of AT_SPOOLS) {
      for (const name of await files.list(spool)) {
        if (!/^[a-zA-Z=][0-9a-f]{13}$/.test(name)) continue
        const file = await files.read(join(spool, name))
        if (file === undefined) continue
        const job = parseAtJob(file.text, { file: file.path, modifiedMs: file.modifiedMs })
        if (job.ok) found.push(job.value)
        else malformed.push(`${file.path}: ${job.reason}`)
      }
    }
    return found
  }

  const lines = await crontabs()
  const daily = await anacron()
  const systemd = await findTimers(files)
  const all = [
    ...lines,
    ...daily,
    ...(await folders([...daily, ...lines])),
    ...(await atJobs()),
    ...systemd.schedules,
  ]
  return {
    schedules: new Map(all.map((schedule) => [schedule.id, schedule])),
    timers: systemd.timers,
    unreadable: [...files.unreadable],
    malformed,
  }
}
