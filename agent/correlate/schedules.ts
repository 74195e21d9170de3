/**
 * The jobs of this host, and which of them started a run. By lineage first: the command that cron
 * hands its shell is the crontab's own text, a script below `run-parts` is that folder's job, and a
 * unit's cgroup names its timer. Where the definition can't be read, the scheduler's log still tells
 * that a job ran.
 *
 * On Windows the log comes first: the Task Scheduler names task and process. Where its channel is off, a
 * process below its service is told by its command line.
 */
import { createHash } from 'node:crypto'
import type { Process, Schedule, ScheduleChange, ScheduleRun, User } from '../../platform/event.ts'
import { scriptOf, shellCommandOf, unwrapped } from './actor.ts'
import type { Entity } from './lineage.ts'
import type { Run } from './run.ts'
import { behindCmd, commandKey } from './windows-actor.ts'

/** A run in the scheduler's log belongs to the process that started this near to it. */
const RUN_WINDOW_MS = 90_000
/** A job of `at` starts within the minute that it is due, and its file is gone then. */
const AT_WINDOW_MS = 120_000
const MAX_RUNS = 4_096

export interface Schedules {
  change(event: ScheduleChange): void
  ran(event: ScheduleRun): void
  /** The job that started this run; `undefined` where none did, or none is known. */
  of(run: Run): Schedule | undefined
  all(): readonly Schedule[]
}

export function schedules(): Schedules {
  const byId = new Map<string, Schedule>()
  /** What the scheduler's log told, by the pid that it named. */
  const runs = new Map<number, ScheduleRun>()
  /** Definitions by what a process of theirs looks like; made again after a change. */
  let index: ScheduleIndex | undefined

  function definitionOf(run: Run): Schedule | undefined {
    index ??= indexOf(byId.values())
    const root = run.processes.at(-1)
    if (root === undefined) return undefined
    for (const entity of run.processes) {
      const unit =
        entity.serviceUnit === undefined ? undefined : index.byUnit.get(entity.serviceUnit)
      if (unit !== undefined) return unit
    }
    if (run.starter === 'at') return atJobOf(index.once, root)
    // An unknown parent may be cron's own child, which forks, runs no program and is gone: the
    // command is then all there is, and it is cron's to the letter.
    const isOrphan = root.parent === undefined
    const isService = run.starter === undefined && (isOrphan || root.parent?.pid === 1)
    // The inner ones first: below `run-parts /etc/cron.daily` each script is a job of its own.
    for (const entity of run.processes) {
      const found = commandsOf(entity).flatMap((command) => index?.byCommand.get(command) ?? [])
      const fitting = found.filter(({ scheduler }) => {
        const isInits = scheduler === 'systemd' || scheduler === 'launchd'
        return isInits ? isService : run.starter !== undefined || isOrphan
      })
      if (fitting.length > 0) return ofUser(fitting, root)
    }
    return undefined
  }

  function loggedOf(run: Run): Schedule | undefined {
    for (const entity of run.processes) {
      for (const pid of [entity.pid, entity.images[0]?.parentPid]) {
        const logged = pid === undefined ? undefined : runs.get(pid)
        if (logged && Math.abs(logged.atMs - entity.startMs) < RUN_WINDOW_MS) {
          return (logged.scheduleId && byId.get(logged.scheduleId)) || withoutDefinition(logged)
        }
      }
    }
    return undefined
  }

  return {
    change({ change, schedule }) {
      index = undefined
      if (change === 'deletion' && schedule.timing?.kind !== 'once') byId.delete(schedule.id)
      else byId.set(schedule.id, schedule)
    },
    ran(event) {
      const pid = event.process?.pid
      if (pid === undefined) return
      runs.delete(pid)
      runs.set(pid, event)
      if (runs.size > MAX_RUNS) runs.delete(runs.keys().next().value as number)
    },
    of(run) {
      const logged = loggedOf(run)
      return logged?.scheduler === 'task-scheduler' ? logged : (definitionOf(run) ?? logged)
    },
    all: () => [...byId.values()],
  }
}

interface ScheduleIndex {
  readonly byCommand: ReadonlyMap<string, readonly Schedule[]>
  readonly byUnit: ReadonlyMap<string, Schedule>
  readonly once: readonly Schedule[]
}

function indexOf(all: Iterable<Schedule>): ScheduleIndex {
  const byCommand = new Map<string, Schedule[]>()
  const byUnit = new Map<string, Schedule>()
  const once: Schedule[] = []
  for (const schedule of all) {
    if (schedule.unit !== undefined) byUnit.set(schedule.unit, schedule)
    if (schedule.timing?.kind === 'once') once.push(schedule)
    for (const command of wordingsOf(schedule)) {
      const same = byCommand.get(command)
      if (same === undefined) byCommand.set(command, [schedule])
      else same.push(schedule)
    }
  }
  return { byCommand, byUnit, once }
}

/** What its processes are known by; a task may run several programs, one after the other. */
function wordingsOf({ scheduler, command }: Schedule): string[] {
  if (scheduler !== 'task-scheduler') return [command.trim()]
  return command === '' ? [] : [...new Set([command, ...command.split(' & ')].map(commandKey))]
}

/** The ways in which a definition may have written what this process runs. */
const commandsOf = ({ images }: Entity): readonly string[] => images.flatMap(commandsOfImage)

/** Asked for each connection of a process. */
const knownCommands = new WeakMap<Process, readonly string[]>()

function commandsOfImage(image: Process): readonly string[] {
  const known = knownCommands.get(image)
  if (known !== undefined) return known
  const commands =
    image.commandLine === undefined ? unixCommands(image) : windowsCommands(image.commandLine)
  knownCommands.set(image, commands)
  return commands
}

const windowsCommands = (commandLine: string): readonly string[] =>
  [commandLine, behindCmd(commandLine)].map(commandKey)

function unixCommands(image: Process): readonly string[] {
  const words = unwrapped(image.args ?? [])
  const ways = [
    shellCommandOf(image),
    scriptOf(image),
    image.args?.join(' '),
    words.join(' '),
    image.executable,
  ]
  return ways.flatMap((way) => (way === undefined || way === '' ? [] : [way.trim()]))
}

/** Two users may have the same line. */
function ofUser(found: readonly Schedule[], { user }: Entity): Schedule | undefined {
  return found.find((schedule) => isSameUser(schedule.user, user)) ?? found[0]
}

function isSameUser(one: User | undefined, other: User | undefined): boolean {
  const isSame = (field: 'id' | 'name') =>
    one?.[field] !== undefined && one[field] === other?.[field]
  return isSame('name') || isSame('id')
}

function atJobOf(once: readonly Schedule[], root: Entity): Schedule | undefined {
  const due = once.filter(({ timing }) => {
    return (
      timing?.kind === 'once' &&
      root.startMs >= timing.atMs &&
      root.startMs < timing.atMs + AT_WINDOW_MS
    )
  })
  return ofUser(due, root)
}

/** The scheduler says that a job ran; what is written of it could not be read. */
function withoutDefinition(run: ScheduleRun): Schedule {
  const { scheduler, scheduleId, command = '', user } = run
  // launchd names the job and tells no command.
  if (scheduleId !== undefined) return { id: scheduleId, scheduler, command, ...(user && { user }) }
  const id = createHash('sha256')
    .update(`${scheduler}|${user?.name ?? ''}|${command}`)
    .digest('hex')
    .slice(0, 20)
  return { id, scheduler, command, ...(user && { user }) }
}
