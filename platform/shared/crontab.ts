/**
 * Parses crontabs: /etc/crontab and /etc/cron.d with a user field, those of users without. Pure.
 *
 * `command` is exactly what cron hands to `/bin/sh -c`: the text up to the first `%` that is not
 * escaped. Blanks before it stay where a user field stands before them, as cron keeps them there.
 * @see https://man7.org/linux/man-pages/man5/crontab.5.html
 */
import type { EpochMs, Schedule, Timing } from '../event.ts'
import { malformed, type Parsed, parsed } from '../parsed.ts'
import { cronTiming } from './cron-fields.ts'
import { lineId } from './schedule-id.ts'

export interface CrontabOptions {
  readonly file: string
  readonly modifiedMs?: EpochMs
  /** Whose crontab it is; `undefined` where each line names its user. */
  readonly user?: string
  readonly dialect: CronDialect
}

/**
 * cronie (Red Hat, SUSE, Arch) heeds `CRON_TZ` and takes the backslash of `\\%` only. Debian's cron takes
 * CRON_TZ for a variable like any other, and the first backslash of `\\\\` too; so does that of macOS,
 * which has a word of its own before a command that waits for mains.
 */
export type CronDialect = 'debian' | 'cronie' | 'macos'

/** What a file of job definitions says: its jobs, and the lines that are none. */
export interface ScheduleFile {
  readonly schedules: readonly Schedule[]
  readonly malformed: readonly { readonly line: number; readonly reason: string }[]
}

/** Total: a line that can't be read is told and left out, as cron does. */
export function parseCrontab(text: string, options: CrontabOptions): ScheduleFile {
  const schedules: Schedule[] = []
  const bad: { line: number; reason: string }[] = []
  const seen = new Set<string>()
  let timeZone: string | undefined
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.replace(/^[ \t]+/, '')
    if (line === '' || line.startsWith('#') || line === '\r') continue
    const variable = VARIABLE.exec(line)
    if (variable) {
      if (options.dialect === 'cronie' && variable[2] === 'CRON_TZ')
        timeZone = unquoted(variable[3] ?? '')
      continue
    }
    const entry = parseEntry(line, options, timeZone)
    if (entry.ok) schedules.push(scheduleOf(entry.value, i + 1, options, seen))
    else bad.push({ line: i + 1, reason: entry.reason })
  }
  return { schedules, malformed: bad }
}

const VARIABLE = /^(["']?)([A-Za-z_]\w*)\1[ \t]*=[ \t]*(.*?)[ \t\r]*$/
const unquoted = (text: string): string => /^(["'])(.*)\1$/.exec(text)?.[2] ?? text

interface Entry {
  readonly trigger: string
  readonly user: string
  readonly command: string
  readonly timing: Timing | undefined
}

/** A leading `-` (SUSE, cronie) keeps the job out of the log. */
const NICKNAME = /^-?(@[A-Za-z]+)[ \t]+(.*)$/s
const FIELDS = /^-?((?:[^ \t@]\S*[ \t]+){4}\S+)[ \t]+(.*)$/s
const ON_MAINS = /^@AppleNotOnBattery[ \t]+/
/** One blank ends the user; those behind it belong to the command. */
const USER = /^(\S+)[ \t](.*)$/s

function parseEntry(
  line: string,
  { user: owner, dialect }: CrontabOptions,
  timeZone: string | undefined,
): Parsed<Entry> {
  const [, fields = '', rest = ''] = NICKNAME.exec(line) ?? FIELDS.exec(line) ?? []
  if (fields === '') return malformed('no time fields')
  const [, user = '', text = ''] = owner === undefined ? (USER.exec(rest) ?? []) : ['', owner, rest]
  if (user === '') return malformed('no user')
  const command = shellCommand(dialect === 'macos' ? text.replace(ON_MAINS, '') : text, dialect)
  if (command.trim() === '') return malformed('no command')
  const trigger = fields.replace(/[ \t]+/g, ' ')
  const timing = cronTiming(trigger, timeZone)
  if (!timing.ok) return timing
  return parsed({ trigger, user, command, timing: timing.value })
}

/** What follows the first `%` goes to the command's standard input. */
export function shellCommand(text: string, dialect: CronDialect): string {
  const [whole = ''] = /^(?:[^%\\]|\\.?)*/s.exec(text) ?? []
  return whole.replace(/\\(.)/gs, (pair, escaped) => {
    return escaped === '%' || (escaped === '\\' && dialect !== 'cronie') ? escaped : pair
  })
}

function scheduleOf(
  { trigger, user, command, timing }: Entry,
  line: number,
  { file, modifiedMs }: CrontabOptions,
  seen: Set<string>,
): Schedule {
  return {
    id: lineId('cron', [file, user, trigger, command], seen),
    scheduler: 'cron',
    trigger,
    command,
    user: { name: user },
    file,
    line,
    ...(modifiedMs === undefined ? {} : { modifiedMs }),
    ...(timing === undefined ? {} : { timing }),
  }
}
