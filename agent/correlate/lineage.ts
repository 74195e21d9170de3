/**
 * Which process is which, and whose child: pid to process, through pid reuse, with the images that a
 * process ran one after the other (`sh -c x`, then `x` by exec) and its ancestors.
 *
 * Sources tell of programs (exec), not of forks: a process that forked and never ran a program is
 * unknown until somebody looks at it, which is what `lookUp` is for.
 */
import { hash } from 'node:crypto'
import type { EpochMs, Process, User } from '../../platform/event.ts'

/** Chains longer than this are a fork bomb or a loop in bad data. */
const MAX_ANCESTORS = 32
/** Parents that are held: more than are asked for, since others share them. */
const MAX_LINE = 128
/** An ended process is still asked for: its children's parents, and sources that report late. */
const KEEP_ENDED_MS = 10 * 60_000

export interface LineageOptions {
  /** Makes entity ids differ between boots. */
  readonly bootId: string
  /** Processes kept; the longest ended, then the oldest, go first. */
  readonly maxProcesses: number
  /** Looks at a living process that no event told of. */
  readonly lookUp?: (pid: number) => Process | undefined
}

/** One process of this host. Its facts grow while it lives. */
export interface Entity {
  readonly entityId: string
  readonly pid: number
  readonly startMs: EpochMs
  readonly parent: Entity | undefined
  /** Every program that it ran, the latest last; at least one. */
  readonly images: readonly Process[]
  readonly user: User | undefined
  readonly loginUser: User | undefined
  readonly serviceUnit: string | undefined
  readonly endMs: EpochMs | undefined
}

class LiveEntity implements Entity {
  readonly pid: number
  readonly startMs: EpochMs
  readonly parent: Entity | undefined
  readonly images: Process[]
  user: User | undefined
  loginUser: User | undefined
  serviceUnit: string | undefined
  endMs: EpochMs | undefined = undefined
  readonly #bootId: string
  #entityId: string | undefined

  constructor(bootId: string, process: Process, startMs: EpochMs, parent: Entity | undefined) {
    this.pid = process.pid
    this.startMs = startMs
    this.parent = parent
    this.images = [process]
    this.user = process.user
    this.loginUser = process.loginUser
    this.serviceUnit = process.serviceUnit
    this.#bootId = bootId
    this.#entityId = process.entityId
  }

  /** Asked of few: most processes send nothing, and a hash costs as much as all else here. */
  get entityId(): string {
    this.#entityId ??= entityIdOf(this.#bootId, this.pid, this.startMs)
    return this.#entityId
  }
}

export interface Lineage {
  /** A program began to run, or was found running. */
  start(process: Process, atMs: EpochMs, parent?: Process): Entity
  end(pid: number, atMs: EpochMs): void
  /** The process that has this pid; learns from `process` what it did not know. */
  of(process: Process, atMs: EpochMs): Entity
  /** The process itself, its parent, and so on. */
  ancestry(entity: Entity): readonly Entity[]
  readonly size: number
}

export function lineage({ bootId, maxProcesses, lookUp }: LineageOptions): Lineage {
  /** By pid, in order of start: Map keeps the order of insertion. */
  const living = new Map<number, LiveEntity>()

  /** Pids whose parents are being looked for. */
  const lookedAt = new Set<number>()

  function begin(process: Process, startMs: EpochMs, parent?: Process): LiveEntity {
    living.delete(process.pid)
    if (living.size >= maxProcesses) makeRoom(startMs)
    const entity = new LiveEntity(bootId, process, startMs, parentOf(process, startMs, parent))
    living.set(process.pid, entity)
    return entity
  }

  function parentOf(
    { pid, parentPid }: Process,
    atMs: EpochMs,
    told: Process | undefined,
  ): Entity | undefined {
    if (parentPid === undefined || parentPid === 0 || parentPid === pid) return undefined
    const known = living.get(parentPid)
    if (known !== undefined && !isAnother(known, told)) return bounded(known)
    const found = looked(parentPid, atMs, told)
    return bounded(found ?? (told && begin(told, told.startMs ?? atMs)))
  }

  function looked(pid: number, atMs: EpochMs, told?: Process): LiveEntity | undefined {
    // Windows keeps the number of a parent that is gone: by reuse two may be each other's parents.
    if (lookedAt.has(pid)) return undefined
    const process = lookUp?.(pid)
    if (process === undefined || (told && isAnother(process, told))) return undefined
    lookedAt.add(pid)
    const entity = begin(process, process.startMs ?? atMs)
    lookedAt.delete(pid)
    return entity
  }

  function makeRoom(atMs: EpochMs): void {
    for (const [pid, { endMs }] of living) {
      if (endMs !== undefined && endMs < atMs - KEEP_ENDED_MS) living.delete(pid)
    }
    const tooMany = living.size - Math.floor(maxProcesses * 0.9)
    for (const pid of [...living.keys()].slice(0, Math.max(0, tooMany))) living.delete(pid)
  }

  return {
    start(process, atMs, parent) {
      const known = living.get(process.pid)
      if (known === undefined || isOver(known, process, atMs) || isOtherChild(known, process)) {
        return begin(process, process.startMs ?? atMs, parent)
      }
      if (isOtherImage(known, process)) {
        known.images.push(process)
        // The first image tells who started it, the last ones what it is.
        if (known.images.length > 8) known.images.splice(1, 1)
      }
      known.user = process.user ?? known.user
      known.loginUser = process.loginUser ?? known.loginUser
      known.serviceUnit = process.serviceUnit ?? known.serviceUnit
      return known
    },
    end(pid, atMs) {
      const entity = living.get(pid)
      if (entity !== undefined) entity.endMs = atMs
    },
    of(process, atMs) {
      const known = living.get(process.pid)
      if (known !== undefined && !isOver(known, process, atMs)) {
        known.user ??= process.user
        known.loginUser ??= process.loginUser
        return known
      }
      const seen = lookUp?.(process.pid)
      const found = seen && isAnother(seen, process) ? undefined : seen
      return begin({ ...process, ...found }, found?.startMs ?? process.startMs ?? atMs)
    },
    ancestry(entity) {
      const chain: Entity[] = []
      for (
        let at: Entity | undefined = entity;
        at && chain.length < MAX_ANCESTORS;
        at = at.parent
      ) {
        chain.push(at)
      }
      return chain
    },
    get size() {
      return living.size
    },
  }
}

/**
 * Who starts a child and ends, whose child does so, and so on, is a line without end: each holds its
 * parent, also one that the table has long let go. It is cut where no one looks.
 */
function bounded(parent: Entity | undefined): Entity | undefined {
  let at = parent
  for (let n = 1; at !== undefined && n < MAX_LINE; n++) at = at.parent
  // All entities are made here, and read-only to others.
  if (at !== undefined) (at as { parent: Entity | undefined }).parent = undefined
  return parent
}

/** The same pid, and by what its source calls it another process. */
const isAnother = (known: { readonly entityId?: string }, told: Process | undefined): boolean =>
  known.entityId !== undefined && told?.entityId !== undefined && known.entityId !== told.entityId

/** The pid is told of again after its process ended: another process by the same number. */
function isOver(entity: Entity, process: Process, atMs: EpochMs): boolean {
  if (process.entityId !== undefined) return process.entityId !== entity.entityId
  const { endMs } = entity
  return endMs !== undefined && (process.startMs ?? atMs) > endMs
}

/** The end was not seen, but a process does not change its parent; only an orphan is given to init. */
function isOtherChild({ images }: Entity, { parentPid }: Process): boolean {
  const known = images[0]?.parentPid
  return parentPid !== undefined && parentPid !== 1 && known !== undefined && known !== parentPid
}

function isOtherImage(known: Entity, process: Process): boolean {
  const last = known.images.at(-1)
  return last?.executable !== process.executable || !isSameWords(last?.args, process.args)
}

function isSameWords(
  one: readonly string[] | undefined,
  other: readonly string[] | undefined,
): boolean {
  if (one === undefined || other === undefined) return one === other
  return one.length === other.length && one.every((word, i) => word === other[i])
}

/** 80 bits: enough that two processes of a fleet's year do not meet. */
function entityIdOf(bootId: string, pid: number, startMs: EpochMs): string {
  return hash('sha256', `${bootId}|${pid}|${startMs}`).slice(0, 20)
}
