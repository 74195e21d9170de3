/**
 * One finding of a hunt as an ECS document, for `--json`: nested objects, absent facts left out.
 * ECS: https://www.elastic.co/docs/reference/ecs/ecs-field-reference; `beacon.*` is ours.
 */
import { isMasked } from '../../platform/address.ts'
import { safeJson } from '../safe-json.ts'
import { type HuntFinding, isUncounted } from './findings.ts'

/** The document on one line, safe on a terminal. */
export const huntLine = (finding: HuntFinding): string =>
  safeJson(JSON.stringify(huntDocument(finding)))

/** The same finding gives the same document. */
export function huntDocument({ series, direction, assessment, risk, leftOut }: HuntFinding) {
  const [period] = assessment.periods
  return {
    '@timestamp': iso(series.lastMs),
    event: {
      kind: 'event',
      category: ['network'],
      type: ['info'],
      dataset: series.sender?.transfer.datasets[0] ?? 'zeek.connection',
      start: iso(series.firstMs),
      end: iso(series.lastMs),
      risk_score: risk.score,
    },
    ...senderOf(series),
    source: { ip: series.sourceIp, bytes: isUncounted(series) ? undefined : series.sentBytes },
    destination: {
      // A mask is no address that an index would take.
      [isMasked(series.destinationIp) ? 'address' : 'ip']: series.destinationIp,
      port: series.destinationPort,
      domain: series.domain,
      bytes: isUncounted(series) ? undefined : series.receivedBytes,
    },
    network: { transport: series.transport, direction },
    threat: { technique: { id: ['T1029'], name: ['Scheduled Transfer'] } },
    beacon: {
      verdict: assessment.verdict,
      score: assessment.score,
      is_finding: leftOut === undefined,
      left_out: leftOut,
      disposition: risk.disposition,
      form: assessment.form,
      period_ms: period?.periodMs,
      jitter: period?.jitter,
      model: period?.model,
      missed_ratio: period?.missedRatio,
      periods: assessment.periods.map((one) => ({
        period_ms: one.periodMs,
        form: one.form,
        model: one.model,
        jitter: one.jitter,
        missed_ratio: one.missedRatio,
        beats: one.beats,
      })),
      observations: assessment.observations,
      connections: series.transfers,
      next:
        assessment.next === undefined
          ? undefined
          : { at: iso(assessment.next.atMs), tolerance_ms: assessment.next.toleranceMs },
      evidence: assessment.evidence.map(evidence),
      risk_factors: risk.factors.map(evidence),
    },
  }
}

/** Who sent, as its host told it. */
function senderOf({ sender }: HuntFinding['series']) {
  if (sender === undefined) return {}
  const { actor, user, schedule, lineage } = sender.transfer
  const [process] = lineage
  return {
    host: { name: sender.host || undefined },
    process: {
      executable: process?.executable ?? actor,
      pid: process?.pid,
      entity_id: process?.entityId,
    },
    user: user && { id: user.id, name: user.name },
    schedule: schedule && { id: schedule.id, command: schedule.command },
  }
}

function evidence(one: HuntFinding['assessment']['evidence'][number]) {
  return {
    name: one.name,
    // One field, one type: an index could not take text and numbers in turn.
    value: String(one.value),
    meaning: one.meaning,
    weight: one.weight,
    p_value: one.pValue,
  }
}

const iso = (atMs: number): string => new Date(atMs).toISOString()
