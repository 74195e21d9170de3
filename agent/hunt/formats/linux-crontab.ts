/**
 * A crontab: the definitions that the runs and transfers beside it are of. Told by its lines, and read
 * as one of the system (with a user in each line) where they look so.
 *
 * A whole copied host (`etc/`, `var/spool/cron/`) is looked through as the live agent does it, and its
 * files do not come here.
 */
import type { Event } from '../../../platform/event.ts'
import { parseCrontab } from '../../../platform/shared/crontab.ts'
import type { ReaderContext, RecordedFormat, RecordReader } from './format.ts'
import { wholeFileReader } from './whole-file.ts'

const VARIABLE = /^\w+\s*=/
/** What only crontabs set: many are delivered without a job in them. */
const OWN_VARIABLE = /^(?:MAILTO|CRON_TZ)\s*=/
/** The sixth field of a system crontab: a user, then the command. */
const WITH_USER = /^-?(?:@[a-z]+|(?:\S+\s+){4}\S+)\s+([a-z_][a-z0-9_-]*)\s+\S/
/** Before all that is recorded: a job was there when its first run was seen. */
const BEFORE_ALL = 0
const DATASET = 'linux.schedules'

export const linuxCrontab: RecordedFormat = {
  name: 'crontab',
  description: 'crontabs: the definitions of the jobs that are seen to run',
  is: ({ lines }) => {
    const said = lines.filter((line) => !line.trimStart().startsWith('#'))
    return (
      said.some((line) => isEntry(line) || OWN_VARIABLE.test(line)) &&
      said.every((line) => isEntry(line) || VARIABLE.test(line))
    )
  },
  open: crontabReader,
}

/** By the parser itself: much prose has five words and more. */
const isEntry = (line: string): boolean =>
  parseCrontab(line, { file: '', user: 'any', dialect: 'debian' }).schedules.length > 0

function crontabReader({ sinks, path }: ReaderContext): RecordReader {
  return wholeFileReader('crontab', (bytes, { counts, faults }) => {
    const text = bytes.toString('utf8')
    const entries = text
      .split('\n')
      .map((line) => line.trimStart())
      .filter(isEntry)
    const isSystem = entries.every((line) => WITH_USER.test(line))
    const user = isSystem ? {} : { user: path.split(/[/\\]/).at(-1) ?? path }
    const { schedules, malformed } = parseCrontab(text, { file: path, dialect: 'debian', ...user })
    for (const schedule of schedules) {
      const found = { kind: 'schedule-change', change: 'found', schedule } as const
      sinks.event('', { ...found, atMs: BEFORE_ALL, dataset: DATASET } satisfies Event)
    }
    counts.rows = schedules.length + malformed.length
    counts.malformed = malformed.length
    faults.push(...malformed)
  })
}
