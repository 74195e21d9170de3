/**
 * Finds the timers of this host in systemd's unit folders, with their drop-ins and services.
 *
 * A timer of the distribution counts when it is enabled; one that was written on this host (in /etc,
 * /run or a home) counts always, since `systemctl start` needs no more than that.
 */
import { basename, join } from 'node:path/posix'
import type { Schedule, User } from '../event.ts'
import type { ScheduleFiles } from '../shared/schedule-files-collector.ts'
import { serviceOf, timerSchedule } from './systemd-timer.ts'
import { parseUnit, type Unit } from './systemd-unit.ts'

/** In the order of precedence; a unit in an earlier one hides those in the later. */
const OWN_FOLDERS = [
  '/etc/systemd/system.control',
  '/run/systemd/system.control',
  '/run/systemd/transient',
  '/run/systemd/generator.early',
  '/etc/systemd/system',
  '/run/systemd/system',
  '/run/systemd/generator',
  '/usr/local/lib/systemd/system',
]
const VENDOR_FOLDERS = ['/usr/lib/systemd/system', '/lib/systemd/system']

export interface FoundTimers {
  readonly schedules: readonly Schedule[]
  /** The id of the timer that starts a service, by the service's name. */
  readonly timers: ReadonlyMap<string, string>
}

export async function findTimers(files: ScheduleFiles): Promise<FoundTimers> {
  const system = await timersIn(files, OWN_FOLDERS, VENDOR_FOLDERS)
  const schedules = [...system.schedules]
  for (const { home, owner } of await homes(files)) {
    const own = await timersIn(files, [join(home, '.config/systemd/user')], [], owner)
    schedules.push(...own.schedules)
  }
  return { schedules, timers: system.timers }
}

async function timersIn(
  files: ScheduleFiles,
  own: readonly string[],
  vendor: readonly string[],
  owner?: User,
): Promise<FoundTimers> {
  const folders: Folder[] = []
  for (const path of [...own, ...vendor]) folders.push({ path, names: await files.list(path) })
  const names = new Set(
    folders
      .filter(({ path }) => own.includes(path))
      .flatMap((folder) => folder.names.filter(isTimer)),
  )
  for (const { path, names: inside } of folders) {
    for (const links of inside.filter((name) => /\.(?:wants|requires|upholds)$/.test(name))) {
      for (const name of (await files.list(join(path, links))).filter(isTimer)) names.add(name)
    }
  }
  const schedules: Schedule[] = []
  const timers = new Map<string, string>()
  for (const name of names) {
    const found = await loadUnit(files, folders, name)
    // A template is no timer by itself.
    if (found === undefined || name.includes('@.')) continue
    const service = serviceOf(name, found.unit)
    const schedule = timerSchedule({
      ...(await loadUnit(files, folders, service).then((unit) => unit && { service: unit.unit })),
      ...(owner === undefined ? {} : { owner }),
      name,
      timer: found.unit,
      file: found.path,
      modifiedMs: found.modifiedMs,
    })
    schedules.push(schedule)
    timers.set(service, schedule.id)
  }
  return { schedules, timers }
}

interface Folder {
  readonly path: string
  readonly names: readonly string[]
}

const isTimer = (name: string): boolean => name.endsWith('.timer')

/** `undefined` for a unit that is nowhere, or masked: an empty file, a link to /dev/null. */
async function loadUnit(files: ScheduleFiles, folders: readonly Folder[], name: string) {
  const names = [name, name.replace(/@.+(?=\.\w+$)/, '@')]
  const own = folders.flatMap((folder) =>
    names.filter((some) => folder.names.includes(some)).map((some) => join(folder.path, some)),
  )[0]
  const main = own === undefined ? undefined : await files.read(own)
  if (main === undefined || main.text.trim() === '') return undefined
  const dropIns = new Map<string, string>()
  for (const { path, names: inside } of folders) {
    for (const folder of names.map((some) => `${some}.d`).filter((some) => inside.includes(some))) {
      for (const file of await files.list(join(path, folder))) {
        // Of two with one name that of the earlier folder counts.
        if (file.endsWith('.conf') && !dropIns.has(file))
          dropIns.set(file, join(path, folder, file))
      }
    }
  }
  const sorted = [...dropIns.values()].sort((a, b) => (basename(a) < basename(b) ? -1 : 1))
  const texts = await Promise.all(sorted.map((path) => files.read(path)))
  const added = texts.filter((file) => file !== undefined)
  const unit: Unit = parseUnit([main.text, ...added.map(({ text }) => text)])
  const modifiedMs = Math.max(main.modifiedMs, ...added.map((file) => file.modifiedMs))
  return { unit, path: main.path, modifiedMs }
}

/** Each home once, with the user who has it. */
async function homes(files: ScheduleFiles): Promise<{ home: string; owner: User }[]> {
  const found = new Map<string, User>()
  for (const line of (await files.read('/etc/passwd'))?.text.split('\n') ?? []) {
    const [name = '', , id = '', , , home = ''] = line.split(':')
    if (home.length > 1 && !found.has(home)) found.set(home, { id, name })
  }
  return Array.from(found, ([home, owner]) => ({ home, owner }))
}
