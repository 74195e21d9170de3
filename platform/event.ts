/**
 * The event model: the one vocabulary that every layer speaks.
 *
 * Fields carry their ECS names in camelCase (`process.entity_id` is `process.entityId`); only
 * `agent/alert/` spells the wire form. Units live in the name: `...Ms` is milliseconds, `...Bytes`
 * is octets. An absent fact is `undefined`, never 0 or "": a source that cannot count bytes must
 * not look like one that counted none.
 */

/** Milliseconds since the Unix epoch, UTC, as stamped by the source and not by us. */
export type EpochMs = number

/** What a collector yields. `kind` decides the rest. */
export type Event =
  | ProcessStart
  | ProcessEnd
  | Connection
  | NameResolved
  | ScheduleChange
  | ScheduleRun
  | Loss

interface Observed {
  readonly atMs: EpochMs
  /** ECS `event.dataset`: which collector saw it, e.g. `linux.audit`. */
  readonly dataset: string
}

/** ECS category `process`, type `start`: a program began to run (exec), or was found running. */
export interface ProcessStart extends Observed {
  readonly kind: 'process-start'
  readonly process: Process
  /** Who started it, where the source tells more of it than its pid (Sysmon). */
  readonly parent?: Process
}

/** ECS category `process`, type `end`. */
export interface ProcessEnd extends Observed {
  readonly kind: 'process-end'
  readonly process: Process
}

/**
 * ECS category `network`: this host opened a connection, or one it opened has gone on or ended.
 * Sources see one connection from different sides: what each cannot know stays `undefined`, and the
 * correlator makes one of them (`agent/correlate/connections.ts`).
 */
export interface Connection extends Observed {
  readonly kind: 'connection'
  /** `start`: opened at `atMs`. `progress`: seen open. `end`: over at `atMs`, the counts are final. */
  readonly phase: 'start' | 'progress' | 'end'
  /** A `connect` system call does not tell it. */
  readonly transport?: 'tcp' | 'udp'
  /** This host's end. A `connect` system call does not tell it. */
  readonly source?: Endpoint
  readonly destination: Endpoint
  readonly process?: Process
  /** Whose socket it is, where the source tells that and no process. */
  readonly user?: User
  /** When it was opened, where the source can tell and `atMs` is not that instant. */
  readonly startMs?: EpochMs
  /** Payload sent to `destination` so far. */
  readonly sentBytes?: number
  /** Payload received from `destination` so far. */
  readonly receivedBytes?: number
}

/** ECS category `network`, `dns.*`: a name was resolved on this host to these addresses. */
export interface NameResolved extends Observed {
  readonly kind: 'name-resolved'
  /** Lower case, without the trailing dot. */
  readonly domain: string
  /** Canonical text. */
  readonly addresses: readonly string[]
  readonly process?: Process
}

/** ECS category `configuration`: a job was written down, changed or removed, or found at start. */
export interface ScheduleChange extends Observed {
  readonly kind: 'schedule-change'
  readonly change: 'found' | 'creation' | 'change' | 'deletion'
  readonly schedule: Schedule
}

/** A scheduler started a job. Its process, where known, roots the lineage of its transfers. */
export interface ScheduleRun extends Observed {
  readonly kind: 'schedule-run'
  readonly scheduler: Scheduler
  /** The definition that ran, where the source names it. */
  readonly scheduleId?: string
  /** As the scheduler logged it. */
  readonly command?: string
  readonly process?: Process
  readonly user?: User
}

/**
 * ECS kind `pipeline_error`: `count` records of this dataset did not reach us. Where a span is
 * known it is blind: no event in it is "unknown", never "quiet".
 */
export interface Loss extends Observed {
  readonly kind: 'loss'
  /** Records lost; `undefined` where the source only tells that some were. */
  readonly count?: number
  readonly reason:
    | 'malformed'
    | 'overrun'
    | 'restart'
    | 'sequence-gap'
    | 'clock-jump'
    | 'unavailable'
  /** Start of the blind span; it ends at `atMs`. */
  readonly fromMs?: EpochMs
}

/** What one source knows of a process. `pid` is all that every source has. */
export interface Process {
  readonly pid: number
  /**
   * Survives pid reuse. Sources that have one give it (Sysmon's ProcessGuid); for the others the
   * correlator makes it of boot id, pid and start time.
   */
  readonly entityId?: string
  readonly startMs?: EpochMs
  readonly parentPid?: number
  readonly executable?: string
  /** The kernel's short name (`comm`). */
  readonly name?: string
  readonly args?: readonly string[]
  /** Where arguments come as one string (Windows). */
  readonly commandLine?: string
  readonly workingDirectory?: string
  /** Whose rights it has (the effective user). */
  readonly user?: User
  /** Who logged in: survives su and sudo (Linux `auid`). */
  readonly loginUser?: User
  /** systemd unit whose cgroup it is in, e.g. `backup.service`. */
  readonly serviceUnit?: string
  /** Who signed its executable (macOS). */
  readonly codeSignature?: CodeSignature
}

/** ECS `process.code_signature.*`, as the kernel knows it of the running image. */
export interface CodeSignature {
  /** ECS `signing_id`, e.g. `com.apple.curl`. */
  readonly id?: string
  /** ECS `team_id`: the developer's, which Apple's own programs have none of. */
  readonly teamId?: string
  /** Apple's own, part of the system. */
  readonly isPlatform?: boolean
}

export interface User {
  /** uid or SID, as text. */
  readonly id?: string
  readonly name?: string
}

export interface Endpoint {
  /**
   * Canonical text (RFC 5952; IPv4-mapped as IPv4), never bytes or hex. Where the source hides the
   * address it is a mask, `masked:IPv4#03906bbc` (`address.ts`): the same mask is the same peer.
   */
  readonly ip: string
  readonly port: number
}

export type Scheduler = 'cron' | 'anacron' | 'systemd' | 'at' | 'task-scheduler' | 'launchd'

/** A job definition, as its author wrote it. */
export interface Schedule {
  /** Stable on this host: unit name, task path, launchd label, or hash of file, line and user. */
  readonly id: string
  readonly scheduler: Scheduler
  /**
   * As its author wrote it: five cron fields, `OnCalendar=`, a trigger in XML. `undefined` where a
   * run was seen of a job whose definition was not.
   */
  readonly trigger?: string
  readonly command: string
  /** The unit that a systemd timer starts, e.g. `backup.service`. */
  readonly unit?: string
  readonly user?: User
  /** Where it is written: file and line. */
  readonly file?: string
  readonly line?: number
  /** When the file was last written. */
  readonly modifiedMs?: EpochMs
  /** Whether its scheduler has it loaded, where that can be asked (launchd): else it does not run. */
  readonly isLoaded?: boolean
  /** Its scheduler's own window does not show it (Windows). */
  readonly isHidden?: true
  /** When it fires; `undefined` where nothing can be foretold (at boot, on a path, on an event). */
  readonly timing?: Timing
}

/**
 * When a job fires, as data, so that the detector can compare. Calendar rules are cron patterns of
 * six fields (second first) in a named zone, with the year as a seventh where it is bounded, and `+`
 * before a weekday that must match besides the day; `schedule-times.ts` computes the instants.
 */
export type Timing =
  | {
      readonly kind: 'calendar'
      /** Any of these patterns fires it. */
      readonly patterns: readonly string[]
      /** IANA name; `undefined` is the host's own zone. */
      readonly timeZone?: string
      /** Up to this much later, at random. */
      readonly randomDelayMs?: number
    }
  | {
      readonly kind: 'interval'
      readonly everyMs: number
      /** `start`: counted from the last start; `end`: from the end of the last run. */
      readonly since: 'start' | 'end'
      readonly randomDelayMs?: number
    }
  | { readonly kind: 'once'; readonly atMs: EpochMs }
