/** What `agent status` tells of the fleet: from where, what is in force, what became of the last offer. Pure. */
import type { FleetStatus } from '../control/status.ts'
import { agoText } from './text.ts'

/** Hex digits of a digest that people compare. */
const DIGEST_DIGITS = 12

/** One text a line; none where there is no fleet. */
export function fleetFacts(fleet: FleetStatus | undefined, nowMs: number): readonly string[] {
  if (fleet === undefined) return []
  const { result, problem } = fleet
  return [
    contactText(fleet, nowMs),
    `in force: ${currentText(fleet, nowMs)}`,
    ...(problem === undefined ? [] : [`not in force: ${problem}`]),
    ...(result === undefined ? [] : [`last offer: ${resultText(result, nowMs)}`]),
  ]
}

function contactText(fleet: FleetStatus, nowMs: number): string {
  const { protocol, url, instanceId, lastContactMs, failure, failuresInRow } = fleet
  const contact =
    lastContactMs === undefined ? 'no answer yet' : `answered ${agoText(lastContactMs, nowMs)}`
  const failed = failure === undefined ? '' : `; ${failuresInRow} failures in a row: ${failure}`
  return `${protocol} ${url}; ${contact}${failed}; this is ${instanceId}`
}

function currentText({ current }: FleetStatus, nowMs: number): string {
  if (current === undefined) return 'the local file alone'
  const { source, sinceMs, isSigned, isOnTrial } = current
  const trial = isOnTrial ? ', on trial' : ''
  const signed = isSigned ? 'signed' : 'unsigned'
  return `${nameText(current)}, ${signed}, of ${source}, taken ${agoText(sinceMs, nowMs)}${trial}`
}

function resultText(result: NonNullable<FleetStatus['result']>, nowMs: number): string {
  const why = result.message === undefined ? '' : `: ${result.message}`
  return `${nameText(result)} ${result.state} ${agoText(result.atMs, nowMs)}${why}`
}

function nameText({ version, digest }: { version?: number | undefined; digest: string }): string {
  const hash = digest.slice(0, DIGEST_DIGITS)
  return version === undefined ? hash : `version ${version} (${hash})`
}
