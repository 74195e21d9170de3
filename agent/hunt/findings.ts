/**
 * Which recorded series recur, and which of them an analyst is shown. Pure.
 *
 * Three rules beside the detector's verdict:
 * - What is sent to everyone on a link (multicast, broadcast) goes to nobody in particular.
 * - What comes in from outside is mostly somebody else's doing: scanners and password guessers knock
 *   at every port, in time. It is shown only where we answer (the answer is what leaves), where it
 *   lasts (half of the recording) and where it stands out (few of the others who use that service
 *   recur too): a crowd in rhythm is the manner of the place.
 * - All else that recurs is shown.
 */
import type { EpochMs } from '../../platform/event.ts'
import type { Gap, Observation, SeriesIdentity } from '../../storage/series.ts'
import type { Transfer } from '../correlate/transfer.ts'
import type { Assessment } from '../detect/assessment.ts'
import type { Risk } from '../detect/risk-types.ts'
import { type Direction, directionOf, isToEveryone } from './direction.ts'
import type { GatheredSeries, RecordedSeries, Surroundings } from './recorded-series.ts'

/** Two intervals are the fewest that can agree. */
const MIN_TRANSFERS = 3
/** Users of a service, judged, from which on they are a crowd. */
const MIN_CROWD = 8
/** Share of a crowd that recurs, from which on to recur is nothing special there: most of it. */
const CROWD_RATIO = 1 / 2
/** Share of the recording that a series from outside must last. */
const LASTING_RATIO = 1 / 2
/** Our own senders from which on it tells how many of them a destination has. */
const MIN_SENDERS = 3

/** The detector and the risk, with their settings. */
export interface Judge {
  /** @param transfer the latest, where the host itself told it */
  assess(
    observations: readonly Observation[],
    nowMs: EpochMs,
    surroundings?: Surroundings,
    transfer?: Transfer,
  ): Assessment
  risk(facts: {
    readonly identity: SeriesIdentity
    readonly assessment: Assessment
    readonly observations: readonly Observation[]
    /** Our senders to this destination; `undefined` where there are too few to tell. */
    readonly senders: number | undefined
    /** The latest, where the host itself told it. */
    readonly transfer: Transfer | undefined
    readonly nowMs: EpochMs
  }): Risk
}

export interface HuntFinding {
  readonly series: RecordedSeries
  readonly direction: Direction
  readonly assessment: Assessment
  readonly risk: Risk
  /** The points that it was judged by, oldest first, and the blind spans of its host. */
  readonly observations: readonly Observation[]
  readonly gaps: readonly Gap[]
  /** Why it is not shown unless all are asked for; `undefined` for what was found. */
  readonly leftOut?:
    | 'irregular'
    | 'undecided'
    | 'to-everyone'
    | 'inbound-unanswered'
    | 'inbound-brief'
    | 'inbound-crowd'
}

export interface FindingsOptions {
  readonly isLocal: (ip: string) => boolean
  readonly judge: Judge
  /** Keep what is left out, too. */
  readonly isAll: boolean
  progress?(done: number, total: number): void
}

interface Kept {
  readonly series: RecordedSeries
  readonly direction: Direction
  readonly assessment: Assessment
  readonly nowMs: EpochMs
}

/** Ranked: what was found before what was left out, then by risk, then by score. */
export function findings(table: GatheredSeries, options: FindingsOptions): HuntFinding[] {
  const { isLocal, judge, isAll } = options
  const crowds = new Map<string, { judged: number; recurring: number }>()
  const kept: Kept[] = []
  let done = 0
  for (const gathered of table.series()) {
    options.progress?.(done++, table.size)
    if (gathered.transfers < MIN_TRANSFERS && !isAll) continue
    const { series, observations, surroundings } = table.observations(gathered)
    const direction = directionOf(series, isLocal)
    const nowMs = surroundings?.lastMs ?? table.lastMs
    const assessment = judge.assess(observations, nowMs, surroundings, series.sender?.transfer)
    if (direction === 'inbound') count(crowds, series, assessment)
    if (isAll || assessment.verdict === 'recurring') {
      kept.push({ series, direction, assessment, nowMs })
    }
  }
  const senders = sendersByDestination(
    table,
    isLocal,
    new Set(kept.map((one) => destinationOf(one.series))),
  )
  return kept
    .flatMap(({ series, direction, assessment, nowMs }) => {
      const leftOut = reasonToLeaveOut(series, direction, assessment)
      if (leftOut !== undefined && !isAll) return []
      const { observations, surroundings } = table.observations(series)
      const risk = judge.risk({
        identity: identityOf(series),
        assessment,
        observations,
        senders: senders(series),
        transfer: series.sender?.transfer,
        nowMs,
      })
      const finding = {
        ...{ series, direction, assessment, risk, observations, gaps: surroundings?.gaps ?? [] },
        ...(leftOut !== undefined && { leftOut }),
      }
      return [finding]
    })
    .sort(byRank)

  function reasonToLeaveOut(
    series: RecordedSeries,
    direction: Direction,
    { verdict }: Assessment,
  ): HuntFinding['leftOut'] {
    if (verdict !== 'recurring') return verdict
    if (isToEveryone(series.destinationIp)) return 'to-everyone'
    if (direction !== 'inbound') return undefined
    if (series.receivedBytes === 0) return 'inbound-unanswered'
    const lastsMs = series.lastMs - series.firstMs
    if (lastsMs < LASTING_RATIO * (table.lastMs - table.firstMs)) return 'inbound-brief'
    const { judged, recurring } = crowds.get(serviceOf(series)) ?? { judged: 0, recurring: 0 }
    return judged >= MIN_CROWD && recurring >= CROWD_RATIO * judged ? 'inbound-crowd' : undefined
  }
}

/** Who sends where, as the store names it. The key is for the one recording only. */
export const identityOf = (series: RecordedSeries): SeriesIdentity => ({
  key: `${senderKey(series)} ${destinationOf(series)} ${series.destinationPort} ${series.transport}`,
  ...(series.sender?.transfer.actor === undefined ? {} : { actor: series.sender.transfer.actor }),
  sourceIp: series.sourceIp,
  destinationIp: series.destinationIp,
  ...(series.domain === undefined ? {} : { destinationDomain: series.domain }),
  destinationPort: series.destinationPort,
  transport: series.transport,
})

/** The same job on two hosts is two series. */
const senderKey = ({ sender, sourceIp }: RecordedSeries): string =>
  sender === undefined ? sourceIp : `${sender.host || sender.place} ${sender.transfer.seriesKey}`

export const destinationOf = ({ domain, destinationIp }: RecordedSeries): string =>
  domain ?? destinationIp

/** Whether nobody counted what it carried: then 0 is no amount. */
export const isUncounted = ({ sender, sentBytes, receivedBytes }: RecordedSeries): boolean =>
  sender !== undefined && sentBytes + receivedBytes === 0

const serviceOf = ({ destinationIp, destinationPort, transport }: RecordedSeries): string =>
  `${destinationIp} ${destinationPort} ${transport}`

function count(
  crowds: Map<string, { judged: number; recurring: number }>,
  series: RecordedSeries,
  { verdict }: Assessment,
): void {
  if (verdict === 'undecided') return
  const service = serviceOf(series)
  const crowd = crowds.get(service) ?? { judged: 0, recurring: 0 }
  crowds.set(service, crowd)
  crowd.judged++
  if (verdict === 'recurring') crowd.recurring++
}

/**
 * How many of our hosts send to each of these destinations; `undefined` where we see too few hosts to
 * tell what is rare among them.
 */
function sendersByDestination(
  table: GatheredSeries,
  isLocal: (ip: string) => boolean,
  wanted: ReadonlySet<string>,
): (series: RecordedSeries) => number | undefined {
  const all = new Set<string>()
  const byDestination = new Map<string, Set<string>>()
  for (const series of table.series()) {
    if (!isLocal(series.sourceIp)) continue
    all.add(series.sourceIp)
    const destination = destinationOf(series)
    if (!wanted.has(destination)) continue
    const senders = byDestination.get(destination) ?? new Set()
    byDestination.set(destination, senders.add(series.sourceIp))
  }
  return (series) =>
    all.size < MIN_SENDERS ? undefined : byDestination.get(destinationOf(series))?.size
}

export const byRank = (a: HuntFinding, b: HuntFinding): number =>
  Number(a.leftOut !== undefined) - Number(b.leftOut !== undefined) ||
  b.risk.score - a.risk.score ||
  b.assessment.score - a.assessment.score ||
  b.series.transfers - a.series.transfers
