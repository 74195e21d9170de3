/**
 * What a hunt found, for a person at a terminal. Pure: findings in, lines out. Two or three lines a
 * finding, so that all of it fits 100 columns: what recurs and where it goes; who sends, where a host
 * told it; since when and how much.
 */
import { endpointText } from '../../platform/address.ts'
import type { Schedule } from '../../platform/event.ts'
import type { Direction } from '../hunt/direction.ts'
import { destinationOf, type HuntFinding, isUncounted } from '../hunt/findings.ts'
import { type Column, table } from './table.ts'
import { bytesText, clean, type Paint, plain, type Style, timeText, truncate } from './text.ts'

/** From these on it is urgent, and worth a look. */
const HIGH_RISK = 70
const SOME_RISK = 40
/** Puts the second line under the period. */
const INDENT = ' '.repeat('RISK  '.length)

export interface HuntTableOptions {
  /** Columns that lines may take. */
  readonly width: number
  readonly paint?: Paint
}

/** Heading and findings, in their order; no lines for none. */
export function huntTable(
  found: readonly HuntFinding[],
  { width, paint = plain }: HuntTableOptions,
): readonly string[] {
  if (found.length === 0) return []
  const [heading = '', ...rows] = table(found, COLUMNS, { width, paint })
  const details = found.map((one) =>
    [...senderTexts(one), detailText(one)].map((text) =>
      paint('dim', truncate(INDENT + clean(text), width)),
    ),
  )
  return [heading, ...rows.flatMap((row, i) => [row, ...(details[i] ?? [])])]
}

const COLUMNS: readonly Column<HuntFinding>[] = [
  {
    title: 'RISK',
    align: 'right',
    cell: ({ risk }) => String(Math.round(risk.score)),
    style: styleOf,
  },
  {
    title: 'PERIOD',
    shrink: { to: 12, cut: 'end' },
    cell: ({ assessment }) => assessment.form ?? assessment.verdict,
  },
  {
    title: 'JITTER',
    align: 'right',
    cell: ({ assessment: { periods } }) =>
      periods[0] === undefined ? '' : `±${Math.round(periods[0].jitter * 100)} %`,
  },
  { title: 'SOURCE', shrink: { to: 15, cut: 'middle' }, cell: ({ series }) => sourceText(series) },
  { title: 'DESTINATION', shrink: { to: 21, cut: 'middle' }, cell: destinationText },
  {
    title: 'BEATS',
    align: 'right',
    cell: ({ assessment: { periods, observations } }) => String(periods[0]?.beats ?? observations),
  },
]

function destinationText({ series }: HuntFinding): string {
  const host = destinationOf(series)
  return `${endpointText(host, series.destinationPort)}/${series.transport}`
}

function detailText({ series, direction, assessment, risk, leftOut }: HuntFinding): string {
  const facts = [
    `${minute(series.firstMs)} to ${minute(series.lastMs)} UTC`,
    isUncounted(series)
      ? 'bytes not counted'
      : `${bytesText(series.sentBytes)} out, ${bytesText(series.receivedBytes)} in`,
    DIRECTIONS[direction],
    `score ${assessment.score.toFixed(2)}`,
    ...(leftOut === undefined ? [] : [`left out (${leftOut})`]),
    ...(risk.disposition === 'known' || risk.disposition === 'allowed' ? [risk.disposition] : []),
  ]
  return facts.join(', ')
}

/** A host by its name, where it told one. */
const sourceText = ({ sender, sourceIp }: HuntFinding['series']): string =>
  sender?.host || (sourceIp === '0.0.0.0' ? '?' : sourceIp)

/** `/opt/sync.sh, user root, cron /etc/cron.d/sync:3`; nothing for what a network saw. */
function senderTexts({ series: { sender } }: HuntFinding): readonly string[] {
  if (sender === undefined) return []
  const { actor, user, schedule } = sender.transfer
  const name = user?.name ?? user?.id
  const facts = [
    ...(actor === undefined ? [] : [actor]),
    ...(name === undefined ? [] : [`user ${name}`]),
    ...(schedule === undefined ? [] : [jobText(schedule)]),
  ]
  return facts.length === 0 ? [] : [facts.join(', ')]
}

const jobText = ({ scheduler, file, line, id, trigger }: Schedule): string =>
  [
    scheduler,
    file === undefined ? id : line === undefined ? file : `${file}:${line}`,
    ...(trigger === undefined ? [] : [`(${trigger})`]),
  ].join(' ')

/** `2026-11-24 18:30` */
const minute = (atMs: number): string => timeText(atMs).replace(/:\d\dZ$/, '')

const DIRECTIONS: Record<Direction, string> = {
  outbound: 'outbound',
  inbound: 'inbound',
  internal: 'internal',
  external: 'neither end ours',
}

function styleOf({ risk, leftOut }: HuntFinding): Style | undefined {
  if (leftOut !== undefined) return 'dim'
  if (risk.score >= HIGH_RISK) return ['bold', 'red']
  return risk.score >= SOME_RISK ? 'yellow' : undefined
}
