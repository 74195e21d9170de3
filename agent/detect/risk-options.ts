/**
 * The owner's settings for risk (`detect:` in the configuration), compiled once into predicates.
 *
 * The settings carry the names of DET0399's mutable elements. Compiling throws on a pattern that
 * cannot be read, so that a typing error is told at start and not by a missing alert.
 */
import { AgentError } from '../../platform/errors.ts'
import type { User } from '../../platform/event.ts'
import { compileDestinations, type DestinationMatcher } from './allowlist.ts'
import { compileBaseline, compilePaths, type PathMatcher, type ProgramMatcher } from './baseline.ts'
import { compileKnownTraffic, type KnownMatcher, type KnownTraffic } from './known-traffic.ts'
import { compileTimeWindow, type TimeWindow, type TimeWindowMatcher } from './risk-window.ts'

/** As the configuration gives them. */
export interface RawRiskOptions {
  /** IPs, CIDRs, domains; `*.example.org` is any name below example.org. */
  readonly destIpAllowlist: readonly string[]
  /** Path globs (or signatures, `baseline.ts`) of programs whose children's recurring transfers are known. */
  readonly parentProcessBaseline: readonly string[]
  /** Regular expressions; a script path or scheduled command that matches raises the risk. */
  readonly scriptPathRegex: readonly string[]
  /** Periods outside count as no repetition. */
  readonly cronIntervalThreshold: { readonly minMs: number; readonly maxMs: number }
  /** Users (name, uid or SID) whose recurring transfers raise the risk. */
  readonly exfilUserContext: readonly string[]
  /** Path globs of agents, jobs and their definitions that raise the risk. */
  readonly agentPathPatterns: readonly string[]
  /** Largest jitter (ratio of the period, 0 to 1) that still counts as repetition. */
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

/** The same, ready to ask. */
export interface RiskOptions {
  readonly allowed: DestinationMatcher
  readonly baseline: ProgramMatcher
  readonly agentPath: PathMatcher
  readonly known: KnownMatcher
  /** The expression that a path matches. */
  readonly scriptPath: (path: string) => string | undefined
  /** Whether this user is one of `exfilUserContext`. */
  readonly isExfilUser: (user: User) => boolean
  readonly periodMs: { readonly min: number; readonly max: number }
  readonly maxJitter: number
  readonly raisesHomeJobs: boolean
  readonly timeWindow?: TimeWindowMatcher
  readonly minRisk: number
}

/** @throws {AgentError} `ERR_PATTERN_INVALID` that names the setting's value and the remedy */
export function compileRiskOptions(raw: RawRiskOptions): RiskOptions {
  const users = new Set(raw.exfilUserContext.map((name) => name.toLowerCase()))
  const expressions = raw.scriptPathRegex.map(compileExpression)
  return {
    allowed: compileDestinations(raw.destIpAllowlist),
    baseline: compileBaseline(raw.parentProcessBaseline),
    agentPath: compilePaths(raw.agentPathPatterns),
    known: compileKnownTraffic(raw.knownTraffic),
    scriptPath: (path) => expressions.find((expression) => expression.test(path))?.source,
    isExfilUser: (user) => namesOf(user).some((name) => users.has(name)),
    periodMs: { min: raw.cronIntervalThreshold.minMs, max: raw.cronIntervalThreshold.maxMs },
    maxJitter: raw.repeatIntervalDelta,
    raisesHomeJobs: raw.userHomeJobs === 'raise',
    ...(raw.timeWindow === undefined ? {} : { timeWindow: compileTimeWindow(raw.timeWindow) }),
    minRisk: raw.minRisk,
  }
}

function compileExpression(source: string): RegExp {
  try {
    return new RegExp(source)
  } catch (cause) {
    throw new AgentError(
      'ERR_PATTERN_INVALID',
      `scriptPathRegex: ${JSON.stringify(source)} is no regular expression`,
      { cause, remedy: 'escape ( [ { * + ? \\ where they stand for themselves' },
    )
  }
}

/** `LAB\anna` is also `anna`. */
function namesOf({ id, name }: User): readonly string[] {
  const names = [id, name, name?.slice(name.lastIndexOf('\\') + 1)]
  return names.flatMap((text) => (text === undefined ? [] : [text.toLowerCase()]))
}
