/**
 * The owner's settings for risk (`detect:` in the configuration), compiled once into predicates.
 *
 * The settings carry the names of DET0399's mutable elements. Compiling throws on a pattern that
 * cannot be read, so that a typing error is told at start and not by a missing alert.
 */
import { type KnownTraffic } from './known-traffic.ts'

/** As the configuration gives them. */
export interface RawRiskOptions {
  /** IPs, CIDRs, domains; `*.example.org` is any name below example.org. */
  readonly destIpAllowlist: readonly string[]
  /** Path globs of programs whose children's recurring transfers are known. */
  readonly parentProcessBaseline: readonly string[]
  /** Regular expressions; a script or program path that matches raises the risk. */
  readonly scriptPathRegex: readonly string[]
  /** Periods outside are no schedule to speak of. */
  readonly cronIntervalThreshold: { readonly minMs: number; readonly maxMs: number }
  /** Users (name, uid or SID) whose recurring transfers raise the risk. */
  readonly exfilUserContext: readonly string[]
  /** Path globs of agents and jobs that raise the risk. */
  readonly agentPathPatterns: readonly string[]
  /** Largest jitter (ratio of the period, 0 to 1) that still counts as repeating. */
  readonly repeatIntervalDelta: number
  /** Whether a non-admin user's own job raises the risk. */
  readonly userHomeJobs: 'raise' | 'ignore'
  /** Only transfers that begin within it count; `undefined` is all day. */
  readonly timeWindow?: TimeWindow | undefined
  /** Least score that alerts, 0 to 100. */
  readonly minRisk: number
  /** Replaces the table of benign traffic that every host has. */
  readonly knownTraffic?: readonly KnownTraffic[] | undefined
}

/** Local time. `to` before `from` runs past midnight; `days` are those it begins on, 0 is Sunday. */
export interface TimeWindow {
  readonly from: string
  readonly to: string
  readonly days?: readonly number[] | undefined
}
