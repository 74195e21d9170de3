/**
 * A property list of launchd, XML or binary: the definition that runs and transfers beside it are of.
 * Where it lies in a folder of launchd's, the path from there on tells whose job it is.
 */
import type { Event } from '../../../platform/event.ts'
import { parseLaunchdPlist } from '../../../platform/macos/launchd-plist.ts'
import { launchdPath } from '../places.ts'
import type { ReaderContext, RecordedFormat, RecordReader } from './format.ts'
import { wholeFileReader } from './whole-file.ts'

const XML = /^(?:<\?xml|<!--|<!DOCTYPE plist|<plist)/
const BINARY = 'bplist00'
/** Before all that is recorded: a job was there when its first run was seen. */
const BEFORE_ALL = 0

export const macosPlist: RecordedFormat = {
  name: 'launchd',
  description: 'property lists of launchd, XML or binary: the definitions of its jobs',
  is: ({ text }) => text.startsWith(BINARY) || (XML.test(text) && /<plist[\s>]/.test(text)),
  open: plistReader,
}

function plistReader({ sinks, path, modifiedMs }: ReaderContext): RecordReader {
  return wholeFileReader('property list', (bytes, { counts, faults }) => {
    const within = launchdPath(path)
    const job = parseLaunchdPlist(bytes, { file: within ?? path, modifiedMs })
    counts.rows++
    if (job.ok) {
      const found = { kind: 'schedule-change', change: 'found', schedule: job.value } as const
      sinks.event('', { ...found, atMs: BEFORE_ALL, dataset: 'macos.schedules' } satisfies Event)
    } else if (within === undefined && NO_JOB.test(job.reason)) counts.ignored++
    else {
      counts.malformed++
      faults.push({ line: 1, reason: job.reason })
    }
  })
}

/** Property lists keep all sorts of things; only in launchd's folders each must be a job. */
const NO_JOB = /: no job: /
