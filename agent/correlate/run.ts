/**
 * The run that a process belongs to: everything that one start of a job, a service or a typed command
 * set off. Its root is the outermost process below whatever starts things: a scheduler, init, a
 * person's shell, a login. The actor of a transfer is the script at the top of the run.
 */
import { isInteractiveShell, programName, scriptOf } from './actor.ts'
import type { Entity } from './lineage.ts'
import { isWindowsPath, windowsProgram } from './windows-actor.ts'

const CRON = new Set(['cron', 'crond', 'CRON', 'fcron', 'dcron'])
const AT = new Set(['atd', 'atrun'])
const ANACRON = new Set(['anacron'])
/** These start programs for others: what they start is a run of its own. */
const STARTERS = new Set([
  ...[
    'systemd',
    'init',
    'launchd',
    'runit',
    'runsvdir',
    's6-svscan',
    'openrc-init',
    'tini',
    'dumb-init',
  ],
  ...[
    'sshd',
    'sshd-session',
    'login',
    'agetty',
    'su',
    'tmux',
    'screen',
    'gnome-shell',
    'plasmashell',
  ],
  ...[
    'containerd-shim',
    'containerd-shim-runc-v2',
    'conmon',
    'dockerd',
    'kubelet',
    'xinetd',
    'inetd',
  ],
])

/** As `windowsProgram` has them. */
const WINDOWS_STARTERS = new Set([
  ...['services', 'svchost', 'wininit', 'winlogon', 'userinit', 'smss', 'explorer', 'sihost'],
  ...['taskeng', 'taskhostw', 'taskhost', 'wmiprvse', 'sshd', 'psexesvc'],
])
const TASK_HOSTS = new Set(['taskeng', 'taskhostw', 'taskhost'])
/** The service host that the Task Scheduler runs in; before Windows 10 it shares it with others. */
const SCHEDULE_SERVICE = /\s-s\s+schedule\b/i
const SHARED_SERVICES = /\s-k\s+netsvcs\b(?!.*\s-s\s)/i

export type Starter = 'cron' | 'anacron' | 'at' | 'task-scheduler' | undefined

export interface Run {
  /** The connecting process first, the root of the run last. */
  readonly processes: readonly Entity[]
  /** The scheduler above the root, by lineage; `undefined` where none is. */
  readonly starter: Starter
  /** The script or program that a person would name; `undefined` where no program is known. */
  readonly actor: string | undefined
}

/** @param ancestry the connecting process, its parent, and so on; not empty */
export function runOf(ancestry: readonly Entity[]): Run {
  const above = ancestry.findIndex((entity, i) => i > 0 && isStarter(entity, ancestry[i + 1]))
  const processes = above < 0 ? ancestry : ancestry.slice(0, above)
  const starter = above < 0 ? undefined : starterOf(ancestry[above] as Entity)
  return { processes, starter, actor: actorOf(processes) }
}

function isStarter(entity: Entity, parent: Entity | undefined): boolean {
  const name = nameOf(entity)
  if (entity.pid === 1 || starterOf(entity) !== undefined || STARTERS.has(name)) return true
  if (isOfWindows(entity) && WINDOWS_STARTERS.has(name)) return true
  // `at` feeds its jobs to a shell that looks like one that a person types into.
  const isFed = parent !== undefined && starterOf(parent) !== undefined
  const image = entity.images.at(-1)
  return image !== undefined && !isFed && isInteractiveShell(image)
}

function starterOf(entity: Entity): Starter {
  const program = nameOf(entity)
  if (isOfWindows(entity)) return windowsStarterOf(program, entity)
  if (CRON.has(program)) return 'cron'
  if (ANACRON.has(program)) return 'anacron'
  return AT.has(program) ? 'at' : undefined
}

function windowsStarterOf(program: string, { images }: Entity): Starter {
  if (TASK_HOSTS.has(program)) return 'task-scheduler'
  const line = images.at(-1)?.commandLine ?? ''
  const isScheduler = SCHEDULE_SERVICE.test(line) || SHARED_SERVICES.test(line)
  return program === 'svchost' && isScheduler ? 'task-scheduler' : undefined
}

const isOfWindows = ({ images }: Entity): boolean => isWindowsPath(images.at(-1)?.executable ?? '')

function nameOf(entity: Entity): string {
  const image = entity.images.at(-1)
  if (isOfWindows(entity)) return windowsProgram(image?.executable ?? '')
  return programName(image?.executable ?? image?.args?.[0] ?? image?.name ?? '')
}

/** The outermost script; where none is, the program that connects. */
function actorOf(processes: readonly Entity[]): string | undefined {
  for (const entity of processes.toReversed()) {
    // A process that ran a script and then another program by exec is still that script's run.
    for (const image of entity.images) {
      const script = scriptOf(image)
      if (script !== undefined) return script
    }
  }
  const image = processes[0]?.images.at(-1)
  return image?.executable ?? image?.args?.[0] ?? image?.name
}
