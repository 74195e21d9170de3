/**
 * Reads what schedulers log of the jobs they start: Vixie cron (Debian), cronie (Red Hat), BusyBox
 * crond and anacron. Pure.
 *
 * The pid of a cron job is the one that becomes `/bin/sh -c COMMAND`; anacron and run-parts log their
 * own, and are the parents of what they start. A command is told up to its first `%`, as the shell
 * gets it.
 */
import type { EpochMs, ScheduleRun } from '../event.ts'
import { type Parsed, parsed } from '../parsed.ts'
import { parseSyslogLine } from './syslog-line.ts'
import type { ReadingTime } from './syslog-time.ts'

/** A job's start, before a collector puts its dataset on it. */
export type CronRun = Omit<ScheduleRun, 'dataset'>

export interface CronLogContext extends ReadingTime {
  /** BusyBox logs to a file of its own without time or tag: such lines get the reading time. */
  readonly mayBeUndated: boolean
}

const REPEATED = /^message repeated \d+ times: \[ ?(.*)\]$/s
/** Debian's `-L 8` puts the shell's pid before the command, since its parent then does the logging. */
const COMMAND = /^\(([^()\s]+(?: [^()]*)?)\) CMD \((?:\[(\d{1,10})\] )?(.*)\)$/s
const BUSYBOX = /^USER (\S+) pid +(\d{1,10}) cmd (.*)$/s
const BUSYBOX_UNDATED = /^(?:crond: )?(?=USER \S+ pid +\d)/
const ANACRON_JOB = /^Job `([^']+)' started$/
/** Red Hat's run-parts logs each script that it starts, one after the other. */
const RUN_PARTS_TAG = /^run-parts\((.+)\)$/
const RUN_PARTS = /^starting (\S+)$/

/** @returns `undefined` for lines of other programs, and of cron on other things than a job's start */
export function parseCronLine(line: string, context: CronLogContext): Parsed<CronRun | undefined> {
  if (context.mayBeUndated && BUSYBOX_UNDATED.test(line)) {
    const message = line.replace(BUSYBOX_UNDATED, '')
    return parsed(parseCronMessage({ tag: 'crond', message }, context.nowMs))
  }
  const read = parseSyslogLine(line, context)
  return read.ok ? parsed(parseCronMessage(read.value, read.value.atMs)) : read
}

export interface TaggedMessage {
  /** The program that logged it; `/USR/SBIN/CRON` is `cron` too. */
  readonly tag?: string
  readonly pid?: number
  readonly message: string
}

/** A job's start, of a message from a file or from the journal. */
export function parseCronMessage(
  { tag = '', pid, message }: TaggedMessage,
  atMs: EpochMs,
): CronRun | undefined {
  // A repeated message is one run that was logged more than once: each run has a pid of its own.
  const text = REPEATED.exec(message)?.[1] ?? message
  switch (programOf(tag)) {
    case 'cron':
    case 'crond':
      return parseCommand(text, pid, atMs) ?? parseBusybox(text, atMs)
    case 'anacron': {
      const job = ANACRON_JOB.exec(text)?.[1]
      if (job === undefined) return undefined
      return run('anacron', atMs, { scheduleId: `anacron:${job}` }, pid)
    }
    default:
      return parseRunParts(tag, text, pid, atMs)
  }
}

const programOf = (tag: string): string => tag.slice(tag.lastIndexOf('/') + 1).toLowerCase()

function parseCommand(text: string, pid: number | undefined, atMs: EpochMs): CronRun | undefined {
  const [, user = '', shellPid, command] = COMMAND.exec(text) ?? []
  if (command === undefined) return undefined
  const ranPid = shellPid === undefined ? pid : Number(shellPid)
  return run('cron', atMs, { command, user: { name: user } }, ranPid)
}

function parseBusybox(text: string, atMs: EpochMs): CronRun | undefined {
  const [, user = '', pid, command] = BUSYBOX.exec(text) ?? []
  if (command === undefined) return undefined
  return run('cron', atMs, { command, user: { name: user } }, Number(pid))
}

function parseRunParts(
  tag: string,
  text: string,
  pid: number | undefined,
  atMs: EpochMs,
): CronRun | undefined {
  const folder = RUN_PARTS_TAG.exec(tag)?.[1]
  const script = folder === undefined ? undefined : RUN_PARTS.exec(text)?.[1]
  if (script === undefined) return undefined
  return run('cron', atMs, { command: `${folder}/${script}` }, pid)
}

const run = (
  scheduler: 'cron' | 'anacron',
  atMs: EpochMs,
  facts: Pick<CronRun, 'command' | 'user' | 'scheduleId'>,
  pid: number | undefined,
): CronRun => ({
  kind: 'schedule-run',
  atMs,
  scheduler,
  ...facts,
  ...(pid === undefined ? {} : { process: { pid } }),
})
