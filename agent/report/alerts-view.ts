/** `agent alerts` for a person: one row an alert, read from its ECS document. Pure. */
import type { StoredAlert } from '../../storage/alert.ts'
import type { ViewOptions } from './status-view.ts'
import { type Column, table } from './table.ts'
import { plain, timeText } from './text.ts'

/** An alert with its document as an object, as `--json` gives it. */
export interface ReadAlert extends Omit<StoredAlert, 'document'> {
  readonly document: Readonly<Record<string, unknown>>
}

/** A document that cannot be read is empty: the row still tells that there is an alert. */
export function readAlert({ document, ...alert }: StoredAlert): ReadAlert {
  try {
    const value: unknown = JSON.parse(document)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { ...alert, document: value as Record<string, unknown> }
    }
  } catch {
    // Told below.
  }
  return { ...alert, document: {} }
}

export function alertsView(
  alerts: readonly StoredAlert[],
  { width, paint = plain }: ViewOptions,
): readonly string[] {
  if (alerts.length === 0) return ['No alerts.']
  return table(alerts.map(readAlert), COLUMNS, { width, paint })
}

const COLUMNS: readonly Column<ReadAlert>[] = [
  { title: 'UPDATED', cell: ({ updatedMs }) => timeText(updatedMs) },
  {
    title: 'RISK',
    align: 'right',
    cell: ({ document }) => fieldOf(document, 'event.risk_score') ?? '?',
  },
  {
    title: 'WHAT',
    cell: ({ document }) => fieldOf(document, 'message') ?? fieldOf(document, 'rule.name') ?? '?',
    shrink: { to: 24, cut: 'end' },
  },
  { title: 'USER', cell: ({ document }) => fieldOf(document, 'user.name', 'user.id') ?? '?' },
  {
    title: 'DESTINATION',
    cell: ({ document }) =>
      fieldOf(document, 'destination.domain', 'destination.ip', 'destination.address') ?? '?',
    shrink: { to: 16, cut: 'middle' },
  },
  { title: 'ENDPOINT', cell: outboxState },
  { title: 'ID', cell: ({ id }) => id, shrink: { to: 8, cut: 'end' } },
]

function outboxState({ revision, sentRevision, rejected }: ReadAlert): string {
  if (rejected !== undefined) return 'rejected'
  if (sentRevision >= revision) return 'sent'
  return sentRevision > 0 ? 'update waits' : 'waiting'
}

/** The first of the dotted fields that is there, nested or dotted in the document. */
function fieldOf(
  document: Readonly<Record<string, unknown>>,
  ...names: string[]
): string | undefined {
  for (const name of names) {
    const nested = name
      .split('.')
      .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document)
    const value = nested ?? document[name]
    if (typeof value === 'string' || typeof value === 'number') return String(value)
  }
  return undefined
}
