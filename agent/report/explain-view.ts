/**
 * One recurring transfer as a person would explain it to another: what recurs, how we know, what starts
 * it, who sends, where to, when it will come next, and what would make it harmless. Pure.
 */
import { endpointText } from '../../platform/address.ts'
import type { EpochMs, User } from '../../platform/event.ts'
import type { Evidence } from '../detect/assessment.ts'
import { allowLines } from './allow-lines.ts'
import {
  agoText,
  bytesText,
  clean,
  countText,
  durationText,
  type Paint,
  plain,
  timeText,
  truncate,
  wrapped,
} from './text.ts'
import { histogramLines, rasterLines } from './text-plots.ts'
import type { ToldFinding } from './told-finding.ts'

export interface ExplainOptions {
  readonly nowMs: EpochMs
  readonly timeZone: string
  readonly width?: number | undefined
  readonly paint?: Paint
  /** The job's definition, from its file as it is now. */
  readonly definition?: Definition | undefined
}

/** Lines of a file that define a job. */
export interface Definition {
  readonly file: string
  readonly lines: readonly { readonly line: number; readonly text: string }[]
}

const INDENT = '  '
const MIN_WIDTH = 60
const DEFAULT_WIDTH = 100
const HIGH_RISK = 70
const SOME_RISK = 40

export function explainView(told: ToldFinding, options: ExplainOptions): readonly string[] {
  const { paint = plain, width = DEFAULT_WIDTH, nowMs, timeZone, definition } = options
  const room = Math.max(MIN_WIDTH, width) - INDENT.length

  const section = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ['', paint('bold', title), ...lines.map((line) => INDENT + line)]
  const texts = (lines: readonly string[]): readonly string[] =>
    lines.flatMap((line) => wrapped(clean(line), room))

  const times = told.observations.map(({ atMs }) => atMs)
  const raster = rasterLines({
    ...{ timesMs: times, gaps: told.gaps, timeZone, periodMs: told.periods[0]?.periodMs },
  })
  return [
    ...wrapped(clean(sentenceOf(told)), width).map((line, i) =>
      i === 0 ? paint('bold', line) : line,
    ),
    ...section('Risk', [
      `${paint(riskStyle(told.risk), `${Math.round(told.risk)} of 100`)}, ${clean(dispositionText(told.disposition))}`,
      ...evidenceLines(told.factors, room, 'points'),
    ]),
    ...section('How we know that it recurs', [
      `score ${told.score.toFixed(2)} of 1, from ${countText(told.observations.length)} transfers`,
      ...evidenceLines(told.evidence, room, 'log-odds'),
    ]),
    ...section(`When (${timeZone})`, raster),
    ...(raster.length > 0 && told.gaps.length > 0
      ? [`${INDENT}${' '.repeat(11)}? we were blind: ${countText(told.gaps.length)} spans`]
      : []),
    ...section('From one to the next', histogramLines(times)),
    ...section('Next', texts(nextLines(told, nowMs))),
    ...section('Job', [...texts(jobLines(told)), ...quotedLines(definition, paint)]),
    ...section('Sender', [
      ...lineageLines(told).map((line) => truncate(clean(line), room)),
      ...texts(senderLines(told)),
    ]),
    ...section('Destination', texts(destinationLines(told))),
    ...section('Harmless if', texts(harmlessLines(told))),
    ...allowLines(told).flatMap(({ meaning, lines }) =>
      section(`To allow it: ${clean(meaning)}`, lines.map(clean)),
    ),
  ]
}

export function sentenceOf(told: ToldFinding): string {
  const who = told.actor ?? told.sourceIp ?? 'something'
  const as = told.user === undefined ? '' : ` as ${userText(told.user)}`
  const on = told.host === undefined ? '' : ` on ${told.host}`
  const much =
    told.sentBytes === undefined || told.observations.length === 0
      ? ''
      : ` about ${bytesText(told.sentBytes / told.observations.length)}`
  const often = told.form ?? 'without a rhythm that we could tell'
  return (
    `${who}${as}${on} sends${much} to ${destinationText(told)} ${often}: ` +
    `${countText(told.beats)} times since ${timeText(told.firstMs)}, last ${timeText(told.lastMs)}.`
  )
}

export const destinationText = ({ destination: { name, port } }: ToldFinding): string =>
  endpointText(name, port)

export const userText = ({ name, id }: User): string =>
  name === undefined ? `user ${id}` : id === undefined ? name : `${name} (${id})`

const riskStyle = (risk: number) =>
  risk >= HIGH_RISK ? 'red' : risk >= SOME_RISK ? 'yellow' : 'green'

const DISPOSITIONS: Readonly<Record<string, string>> = {
  alert: 'an alert was sent, or waits to be',
  known: 'known benign traffic: listed, never alerted',
  allowed: 'allowed by the configuration: listed, never alerted',
  quiet: 'too little risk for an alert: listed only',
  learning: 'found while learning: taken as known',
}
export const dispositionText = (disposition: string): string =>
  DISPOSITIONS[disposition] ?? `left out: ${disposition}`

/** Each with its number, the strongest first. */
function evidenceLines(all: readonly Evidence[], room: number, unit: string): readonly string[] {
  return all.flatMap(({ name, value, meaning, weight, pValue }) => {
    const points = weight === 0 ? '' : `${weight > 0 ? '+' : ''}${weight.toFixed(1)} ${unit}: `
    const chance = pValue === undefined ? '' : `, p ${chanceText(pValue)}`
    const number = typeof value === 'number' ? String(Math.round(value * 1_000) / 1_000) : value
    const text = `${points}${meaning} (${name} ${number}${chance})`
    return wrapped(clean(text), room)
  })
}

/** Smaller than numbers go, it is none. */
const chanceText = (pValue: number): string =>
  pValue < 1e-300 ? 'below 1e-300' : pValue.toPrecision(2)

function nextLines({ next, periods, lastMs }: ToldFinding, nowMs: EpochMs): readonly string[] {
  if (next === undefined) return []
  const within = next.toleranceMs > 0 ? ` ± ${durationText(next.toleranceMs)}` : ''
  const isLate = next.atMs + next.toleranceMs < nowMs
  const missed = periods[0]?.missedRatio ?? 0
  return [
    `${timeText(next.atMs)}${within} (${agoText(next.atMs, nowMs)})`,
    ...(isLate ? [`it has not come yet: the last one was ${agoText(lastMs, nowMs)}`] : []),
    ...(missed > 0.005 ? [`${Math.round(missed * 100)} % of those expected did not come`] : []),
  ]
}

function jobLines({ schedule, isStarter, actor }: ToldFinding): readonly string[] {
  if (schedule === undefined) {
    return [
      `none is known${actor === undefined ? '' : '; it may run by itself, as a service or from a shell'}`,
    ]
  }
  const { scheduler, file, line, trigger, command, user, id } = schedule
  const place = file === undefined ? id : line === undefined ? file : `${file}:${line}`
  return [
    `${scheduler}, ${place}`,
    isStarter ? 'it was seen to start the sender' : 'its times are those that the transfers follow',
    ...(trigger === undefined ? [] : [`when: ${trigger}`]),
    `what: ${command}`,
    ...(user === undefined ? [] : [`as: ${userText(user)}`]),
  ]
}

function quotedLines(definition: Definition | undefined, paint: Paint): readonly string[] {
  if (definition === undefined) return []
  const width = String(definition.lines.at(-1)?.line ?? 0).length
  return [
    clean(definition.file),
    ...definition.lines.map(
      ({ line, text }) => `${paint('dim', `${String(line).padStart(width)} |`)} ${clean(text)}`,
    ),
  ]
}

/** From the scheduler or init down to the one that connected. */
const lineageLines = ({ lineage }: ToldFinding): readonly string[] =>
  lineage.toReversed().map(({ pid, executable, name, args }, depth) => {
    const program = args?.join(' ') ?? executable ?? name ?? '?'
    return `${'   '.repeat(Math.max(0, depth - 1))}${depth === 0 ? '' : '└─ '}${pid} ${program}`
  })

function senderLines({ user, loginUser, sourceIp, datasets }: ToldFinding): readonly string[] {
  return [
    ...(user === undefined ? [] : [`user ${userText(user)}`]),
    ...(loginUser === undefined ? [] : [`logged in as ${userText(loginUser)}`]),
    ...(sourceIp === undefined ? [] : [`from ${sourceIp}`]),
    ...(datasets.length === 0 ? [] : [`seen by ${datasets.join(', ')}`]),
  ]
}

function destinationLines(told: ToldFinding): readonly string[] {
  const { destination, sentBytes, receivedBytes, direction } = told
  const address = destination.ip === destination.name ? '' : ` (${destination.ip ?? 'no address'})`
  const transport = destination.transport === undefined ? '' : `, ${destination.transport}`
  return [
    `${destinationText(told)}${address}${transport}${direction === undefined ? '' : `, ${direction}`}`,
    sentBytes === undefined
      ? 'bytes were not counted'
      : `${bytesText(sentBytes)} sent${receivedBytes === undefined ? '' : `, ${bytesText(receivedBytes)} received`}, of the ${countText(told.observations.length)} transfers kept`,
  ]
}

function harmlessLines({ schedule, destination, actor }: ToldFinding): readonly string[] {
  return [
    `the owner of this host knows ${destination.name} and expects data to go there`,
    ...(schedule === undefined
      ? ['whoever installed the sender can say why it sends in time']
      : ['the job was written by somebody who may, for a purpose that is known']),
    ...(actor === undefined ? [] : [`${actor} is the file that was installed, unchanged`]),
  ]
}
