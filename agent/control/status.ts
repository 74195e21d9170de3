/** What `agent status` tells: the running agent's own word, or what its database knows of it. */
import type { CollectorCounters } from '../../platform/collector.ts'
import type { EpochMs } from '../../platform/event.ts'
import type { DeadLetter } from '../../storage/alert.ts'
import type { StoreStats } from '../../storage/store.ts'

export interface AgentStatus {
  readonly version: string
  readonly isRunning: boolean
  readonly pid?: number
  readonly startedMs?: EpochMs
  readonly host: { readonly name: string; readonly id?: string; readonly os: string }
  readonly dataDir: string
  readonly collectors: readonly CollectorStatus[]
  readonly store: StoreStats
  /** Empty: none is configured, and alerts stay on this host. */
  readonly outputs: readonly OutputStatus[]
  /** The newest of what outputs refused for good. */
  readonly deadLetters: readonly Omit<DeadLetter, 'document'>[]
  /** Absent where no fleet is configured. */
  readonly fleet?: FleetStatus
  /** Only of a running agent. */
  readonly process?: {
    readonly rssBytes: number
    /** Since start. */
    readonly cpuMs: number
    /** Of one core, over the last minute or since start. */
    readonly cpuRatio: number
  }
  /** What was left out to stay within the share of the CPU; `undefined` where nothing ever was. */
  readonly shed?: { readonly events: number; readonly cap?: number }
  /** What is wrong with the agent itself, one line. */
  readonly problem?: string
  /** What befell it within the last day. */
  readonly incidents?: readonly Incident[]
  /** The most risky recurring transfers. */
  readonly findings: readonly FindingSummary[]
}

/** Something that befell the agent itself. */
export interface Incident {
  readonly atMs: EpochMs
  /** One line, for a person. */
  readonly what: string
}

export interface CollectorStatus {
  readonly dataset: string
  readonly description: string
  /** `starting` until its first batch; `degraded` sees less than it could; `lost` sees nothing. */
  readonly state: 'starting' | 'running' | 'degraded' | 'lost'
  /** Why, and the remedy: one line. */
  readonly reason?: string
  readonly counters: CollectorCounters
  readonly restarts: number
}

export interface OutputStatus {
  readonly name: string
  /** A URL without credentials, or a path. */
  readonly place: string
  readonly lastAnswer?: string
  readonly lastAnswerMs?: EpochMs
  readonly failuresInRow: number
}

export interface FindingSummary {
  readonly seriesKey: string
  readonly disposition: string
  readonly risk: number
  readonly score: number
  /** "every 15 min". */
  readonly form: string
  readonly actor: string
  readonly user?: string
  readonly destination: string
  readonly schedule?: string
  readonly beats: number
  readonly lastMs: EpochMs
  readonly nextMs?: EpochMs
  readonly sentBytes?: number
}

/** Where configuration is pushed from, what is in force of it, and what became of the last offer. */
export interface FleetStatus {
  readonly protocol: 'opamp' | 'file'
  readonly url: string
  /** UUID of this agent in the fleet. */
  readonly instanceId: string
  readonly lastContactMs?: EpochMs
  readonly failuresInRow: number
  /** Of the last request, one line. */
  readonly failure?: string
  /** Absent where the local file is all there is. */
  readonly current?: {
    /** Only of signed bundles. */
    readonly version?: number
    /** SHA-256, hex. */
    readonly digest: string
    readonly source: string
    readonly sinceMs: EpochMs
    readonly isSigned: boolean
    readonly isOnTrial: boolean
  }
  readonly result?: {
    readonly state: 'applying' | 'applied' | 'failed'
    readonly version?: number | undefined
    readonly digest: string
    readonly message?: string | undefined
    readonly atMs: EpochMs
  }
  /** Why what the fleet gave before is not in force, one line. */
  readonly problem?: string
}
