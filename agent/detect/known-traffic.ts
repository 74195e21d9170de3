/**
 * Benign recurring traffic that every host has, as data: edit the table, or replace it by the
 * setting `detect.knownTraffic`. What matches is `known`: kept, shown in status, not alerted.
 *
 * A port alone proves nothing, since anyone may send to port 123 or 53. So a row matches by the full
 * path of the program, or by destination; a row that goes by port must bound bytes and period too.
 */
import { AgentError } from '../../platform/errors.ts'
import { compileDestinations, type DestinationMatcher } from './allowlist.ts'
import { compilePaths, type PathMatcher } from './baseline.ts'
import { KNOWN_TRAFFIC, type KnownTraffic } from './known-traffic-table.ts'
import { programKind } from './risk-context.ts'
import type { RiskInput } from './risk-types.ts'

export type { KnownTraffic }

export type KnownMatcher = (input: RiskInput) => KnownTraffic | undefined

/** One run that sends this many times what the row allows is not what the row describes. */
const LARGEST_RUN_FACTOR = 8

/** @throws {AgentError} `ERR_PATTERN_INVALID` for a row that would hide more than it says */
export function compileKnownTraffic(rows: readonly KnownTraffic[] = KNOWN_TRAFFIC): KnownMatcher {
  const compiled = rows.map(compileRow)
  return (input) => compiled.find((row) => row.matches(input))?.row
}

interface CompiledRow {
  readonly row: KnownTraffic
  readonly matches: (input: RiskInput) => boolean
}

function compileRow(row: KnownTraffic): CompiledRow {
  const isNamed = row.actors !== undefined || row.destinations !== undefined
  const isBounded = row.maxSentBytes !== undefined && row.minPeriodMs !== undefined
  if (!isNamed && !(row.ports !== undefined && isBounded)) {
    throw new AgentError(
      'ERR_PATTERN_INVALID',
      `known traffic ${JSON.stringify(row.name)} goes by port and does not bound bytes and period`,
      { remedy: 'name actors or destinations, or add maxSentBytes and minPeriodMs' },
    )
  }
  const actors = row.actors && compilePaths(row.actors)
  const except = row.except && compilePaths(row.except)
  const destinations = row.destinations && compileDestinations(row.destinations)
  return {
    row,
    matches: (input) =>
      isPortOf(row, input) &&
      isActorOf(actors, input) &&
      !(except !== undefined && isActorOf(except, input)) &&
      (row.isPlatform !== true || isOfPlatform(input)) &&
      isDestinationOf(destinations, input) &&
      isWithinBounds(row, input),
  }
}

function isPortOf({ ports, transport }: KnownTraffic, { identity }: RiskInput): boolean {
  return (
    (ports === undefined || ports.includes(identity.destinationPort)) &&
    (transport === undefined || transport === identity.transport)
  )
}

function isActorOf(matcher: PathMatcher | undefined, input: RiskInput): boolean {
  if (matcher === undefined) return true
  const programs = [
    input.transfer?.actor ?? input.identity.actor,
    input.transfer?.lineage[0]?.executable,
  ]
  return programs.some((program) => program !== undefined && matcher(program) !== undefined)
}

/** Shells and interpreters are the system's, too; what they run is not. */
function isOfPlatform({ transfer }: RiskInput): boolean {
  const { lineage = [], schedule, actor } = transfer ?? {}
  const isAllApples = lineage.every(
    ({ executable = '', codeSignature }) =>
      codeSignature?.isPlatform === true && programKind(executable) === undefined,
  )
  const isItself = actor !== undefined && actor === lineage[0]?.executable
  return isAllApples && isItself && (schedule === undefined || isSealed(schedule.file))
}

/** Nobody adds a job to these folders. */
const isSealed = (file = ''): boolean => file.startsWith('/System/')

function isDestinationOf(matcher: DestinationMatcher | undefined, input: RiskInput): boolean {
  if (matcher === undefined) return true
  const { destinationIp, destinationDomain } = input.identity
  return (
    matcher({
      ip: input.transfer?.destination.ip ?? destinationIp,
      domain: input.transfer?.domain ?? destinationDomain,
    }) !== undefined
  )
}

function isWithinBounds(row: KnownTraffic, { volume, assessment }: RiskInput): boolean {
  const { maxSentBytes, maxSentShare = 1, minPeriodMs = 0 } = row
  if (maxSentBytes !== undefined) {
    if (volume === undefined || volume.sentBytesMedian > maxSentBytes) return false
    if (volume.sentBytesMax > maxSentBytes * LARGEST_RUN_FACTOR) return false
  }
  if (volume?.sentShare !== undefined && volume.sentShare > maxSentShare) return false
  return assessment.periods.every((period) => period.periodMs >= minPeriodMs)
}
