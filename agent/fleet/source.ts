/** The port of a fleet's server: what brings offers, and hears what became of them. */
import type { EpochMs } from '../../platform/event.ts'
import type { Offer } from './offer.ts'

/** What became of an offer. `passed`: it is signed well, and meant for other hosts. */
export interface Report {
  readonly offerHash: string
  readonly state: 'applying' | 'applied' | 'failed' | 'passed'
  readonly message?: string | undefined
}

export interface SourceHooks {
  readonly onOffer: (offer: Offer) => void
  /** The server gave this agent another id: two had the same, as after cloning a disk. */
  readonly onInstanceId: (id: string) => void
}

export interface FleetSource {
  /** Asks the server for news until `signal` aborts; a server that is away is asked again. */
  run(signal: AbortSignal, hooks: SourceHooks): Promise<void>
  /** Tells the server, where the protocol can. */
  report(report: Report): void
  status(): SourceStatus
}

export interface SourceStatus {
  readonly lastContactMs?: EpochMs
  readonly failuresInRow: number
  /** Of the last request, one line; `undefined` where it went well. */
  readonly failure?: string
}
