/** Recurring transfers as rows: the same columns for `agent status`, the live table and hunting. */
import type { FindingSummary } from '../control/status.ts'
import type { Column } from './table.ts'
import { agoText, bytesText, type Style } from './text.ts'

/** From this risk on a finding is shown in red, and below the lower bound plain. */
const HIGH_RISK = 70
const SOME_RISK = 40
/** Of a series' id: enough that two of one host differ. */
const ID_SHOWN = 8

/** @param nowMs for "3 min ago" */
export const findingColumns = (nowMs: number): readonly Column<FindingSummary>[] => [
  { title: 'RISK', align: 'right', cell: ({ risk }) => String(Math.round(risk)), style: riskStyle },
  { title: 'PERIOD', cell: ({ form }) => form, shrink: { to: 12, cut: 'end' } },
  { title: 'ACTOR', cell: ({ actor }) => actor, shrink: { to: 18, cut: 'middle' } },
  { title: 'USER', cell: ({ user }) => user ?? '?', shrink: { to: 5, cut: 'end' } },
  {
    title: 'DESTINATION',
    cell: ({ destination }) => destination,
    shrink: { to: 18, cut: 'middle' },
  },
  { title: 'BEATS', align: 'right', cell: ({ beats }) => String(beats), isOptional: true },
  {
    title: 'SENT',
    align: 'right',
    isOptional: true,
    cell: ({ sentBytes }) => (sentBytes === undefined ? '?' : bytesText(sentBytes)),
  },
  {
    title: 'LAST',
    align: 'right',
    isOptional: true,
    cell: ({ lastMs }) => agoText(lastMs, nowMs),
  },
  {
    title: 'NEXT',
    align: 'right',
    isOptional: true,
    cell: ({ nextMs }) => (nextMs === undefined ? '' : nextText(nextMs, nowMs)),
  },
  { title: 'STATE', cell: ({ disposition }) => disposition },
  // What `agent explain` takes.
  { title: 'ID', cell: ({ seriesKey }) => seriesKey.slice(0, ID_SHOWN) },
]

/** A beat that was expected before now has not come. */
const nextText = (nextMs: number, nowMs: number): string =>
  nextMs >= nowMs ? agoText(nextMs, nowMs) : 'overdue'

const riskStyle = ({ risk }: FindingSummary): Style | undefined =>
  risk >= HIGH_RISK ? 'red' : risk >= SOME_RISK ? 'yellow' : undefined
