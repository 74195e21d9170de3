/**
 * A transfer as the store keeps the latest one of a series: what it has in common with those before
 * apart from what is its own. A job's runs have the same programs, arguments and schedule, and differ
 * in times, bytes and process ids; so most of the text is written once, not once a transfer.
 */
import type { LineageProcess, Transfer } from './transfer.ts'

export interface TransferText {
  /** JSON: actor, user, destination, schedule, programs. */
  readonly context: string
  /** JSON: times, counts, process ids. */
  readonly latest: string
}

type Latest = Pick<
  Transfer,
  'startMs' | 'endMs' | 'connections' | 'sentBytes' | 'receivedBytes'
> & { readonly lineage: readonly Pick<LineageProcess, 'entityId' | 'pid' | 'startMs'>[] }
type Context = Omit<Transfer, keyof Latest> & {
  readonly lineage: readonly Pick<LineageProcess, 'executable' | 'name' | 'args'>[]
}

export function textOf(transfer: Transfer): TransferText {
  const { startMs, endMs, connections, sentBytes, receivedBytes, lineage, ...rest } = transfer
  const context: Context = {
    ...rest,
    lineage: lineage.map(({ entityId: _, pid: __, startMs: ___, ...program }) => program),
  }
  const latest: Latest = {
    ...{ startMs, endMs, connections },
    ...(sentBytes !== undefined && { sentBytes }),
    ...(receivedBytes !== undefined && { receivedBytes }),
    lineage: lineage.map(({ entityId, pid, startMs: processStartMs }) => ({
      ...{ entityId, pid },
      ...(processStartMs !== undefined && { startMs: processStartMs }),
    })),
  }
  return { context: JSON.stringify(context), latest: JSON.stringify(latest) }
}

/** @returns undefined where either part is not kept */
export function transferOf(text: Partial<TransferText>): Transfer | undefined {
  if (text.context === undefined || text.latest === undefined) return undefined
  // What textOf wrote.
  const context = JSON.parse(text.context) as Context
  const latest = JSON.parse(text.latest) as Latest
  const lineage = latest.lineage.map((process, i) => ({ ...process, ...context.lineage[i] }))
  return { ...context, ...latest, lineage }
}
