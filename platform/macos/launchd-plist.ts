/**
 * Makes a schedule of a property list of launchd. Pure: bytes in, a schedule out.
 *
 * Every job is one, also where nothing starts it but a path or a request: it may be what moves data
 * out, and `timing` says whether anything can be foretold. With Program, ProgramArguments are the whole
 * argv and its first word is only a name; without it the first word is the program.
 * @see https://keith.github.io/xcode-man-pages/launchd.plist.5.html
 */
import type { EpochMs, Schedule, User } from '../event.ts'
import { malformed, type Parsed, parsed } from '../parsed.ts'
import { type Fields, fieldsOf, textOf, textsOf } from './json-fields.ts'
import { launchdTiming } from './launchd-timing.ts'
import { parsePropertyList } from './property-list.ts'

export interface PlistPlace {
  /** Path of the file: its folder tells daemons from agents, and whose agents they are. */
  readonly file: string
  readonly modifiedMs?: EpochMs
}

/** What starts a job, in the order in which a person is told. */
const TRIGGERS = [
  'StartCalendarInterval',
  'StartInterval',
  'RunAtLoad',
  'KeepAlive',
  'ThrottleInterval',
  'WatchPaths',
  'QueueDirectories',
  'StartOnMount',
  'LaunchEvents',
  'MachServices',
  'Sockets',
  'Disabled',
] as const
/** Their contents are names of services, and long: that they are there is enough. */
const NAMED_ONLY: ReadonlySet<string> = new Set(['LaunchEvents', 'MachServices', 'Sockets'])

/** A malformed one is told with its file: `/Library/LaunchDaemons/x.plist: cut off`. */
export function parseLaunchdPlist(bytes: Uint8Array, place: PlistPlace): Parsed<Schedule> {
  const list = parsePropertyList(bytes)
  if (!list.ok) return malformed(`${place.file}: ${list.reason}`)
  const schedule = launchdJob(fieldsOf(list.value) ?? {}, place)
  return schedule.ok ? schedule : malformed(`${place.file}: ${schedule.reason}`)
}

/** @param job the keys of a property list, wherever they come from */
export function launchdJob(job: Fields, place: Partial<PlistPlace>): Parsed<Schedule> {
  const id = textOf(job['Label'])
  if (id === undefined) return malformed('no job: no Label')
  const command = commandOf(job)
  if (command === undefined) return malformed('no job: neither Program nor ProgramArguments')
  const user = place.file === undefined ? undefined : userOf(job, place.file)
  const timing = launchdTiming(job)
  return parsed({
    id,
    scheduler: 'launchd',
    trigger: TRIGGERS.flatMap((key) => spell(key, job[key])).join('; '),
    command,
    ...(user && { user }),
    ...(place.file !== undefined && { file: place.file }),
    ...(place.modifiedMs !== undefined && { modifiedMs: place.modifiedMs }),
    ...(timing && { timing }),
  })
}

function commandOf(job: Fields): string | undefined {
  const program = textOf(job['Program'])
  const args = textsOf(job['ProgramArguments']) ?? []
  // An option in the first place is a slip of the author's; a person must see it all the same.
  const rest = args[0]?.startsWith('-') ? args : args.slice(1)
  const words = program === undefined ? args : [program, ...rest]
  return words.length === 0 ? textOf(job['BundleProgram']) : words.join(' ')
}

const DAEMONS = /\/LaunchDaemons\/[^/]+$/
const OWN_AGENTS = /^\/(?:System\/Volumes\/Data\/)?Users\/([^/]+)\/Library\/LaunchAgents\/[^/]+$/

/** Agents in /Library run as each person who logs in: as nobody in particular. */
function userOf(job: Fields, file: string): User | undefined {
  const owner = OWN_AGENTS.exec(file)?.[1]
  if (owner !== undefined) return { name: owner }
  // launchd heeds the key in daemons only.
  if (DAEMONS.test(file)) return { name: textOf(job['UserName']) ?? 'root' }
  return undefined
}

/** `KeepAlive={PathState={/tmp/x=true}}`, `RunAtLoad`, `StartInterval=3600`; false says nothing. */
function spell(key: string, value: unknown): string[] {
  if (value === undefined || value === false) return []
  if (value === true || NAMED_ONLY.has(key)) return [key]
  return [`${key}=${spellValue(value, 0)}`]
}

function spellValue(value: unknown, depth: number): string {
  if (depth > 3) return '…'
  if (Array.isArray(value)) return value.map((item) => spellValue(item, depth + 1)).join(',')
  const fields = fieldsOf(value)
  if (fields === undefined || value instanceof Date) return String(value)
  const parts = Object.entries(fields).map(([key, item]) => `${key}=${spellValue(item, depth + 1)}`)
  return `{${parts.join(' ')}}`
}
