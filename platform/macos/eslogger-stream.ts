/**
 * Turns lines of eslogger into events, and keeps the books: what was read, ignored, malformed, and
 * what the kernel dropped. Pure but for its own state; time is event time.
 *
 * A message has two numbers: one counts its type, one all types asked for. Both run without a hole
 * unless the kernel had to drop some. The total tells a drop at once, the type's only when the next
 * message of that type comes, so that neither is added to the other: the larger sum counts.
 */
import type { CollectorCounters } from '../collector.ts'
import type { EpochMs, Event, Loss } from '../event.ts'
import { type EsloggerMessage, parseEsloggerLine } from './eslogger-event.ts'

export interface EsloggerStream {
  /** @param nowMs dates a loss of lines before the first message; else the last message does */
  push(lines: readonly string[], nowMs: EpochMs): Event[]
  /** eslogger was started again: its numbers begin anew. */
  restart(): void
}

/** A further jump is another numbering (another recording behind this one), not a loss. */
const MAX_JUMP = 1_000_000
const ALL_TYPES = ''

/**
 * @param isJob whether a label is a job whose runs matter: launchd starts every service by its label,
 *   also those that nothing but a request starts
 */
export function esloggerStream(
  dataset: string,
  counters: CollectorCounters,
  isJob: (label: string) => boolean = () => true,
): EsloggerStream {
  const last = new Map<string, number>()
  let lastMs: EpochMs | undefined
  let missedByType = 0
  let missedInAll = 0
  let told = 0

  /** How many numbers were skipped; one that goes back is a repetition or a new start. */
  function skipped(key: string, number: number | undefined): number {
    if (number === undefined) return 0
    const before = last.get(key)
    last.set(key, number)
    const jump = before === undefined ? 1 : number - before
    return jump > 1 && jump <= MAX_JUMP ? jump - 1 : 0
  }

  function missed({ type, seq, globalSeq, atMs }: EsloggerMessage): Loss[] {
    missedByType += skipped(type, seq)
    missedInAll += skipped(ALL_TYPES, globalSeq)
    const fromMs = lastMs
    lastMs = atMs
    const count = Math.max(missedByType, missedInAll) - told
    if (count <= 0) return []
    told += count
    counters.missed += count
    const span = fromMs !== undefined && fromMs <= atMs ? { fromMs } : {}
    return [{ kind: 'loss', atMs, dataset, count, reason: 'sequence-gap', ...span }]
  }

  function restart(): void {
    last.clear()
    missedByType = 0
    missedInAll = 0
    told = 0
  }

  return {
    push(lines, nowMs) {
      const events: Event[] = []
      let malformed = 0
      for (const line of lines) {
        if (line === '') continue
        counters.received++
        const message = parseEsloggerLine(line)
        if (!message.ok) {
          malformed++
          continue
        }
        events.push(...missed(message.value))
        if (message.value.events.length === 0) counters.ignored++
        else counters.emitted++
        for (const event of message.value.events) {
          if (event.kind === 'schedule-run' && !isJob(event.scheduleId ?? '')) continue
          events.push({ ...event, dataset })
        }
      }
      counters.malformed += malformed
      if (malformed > 0) {
        const atMs = lastMs ?? nowMs
        events.push({ kind: 'loss', atMs, dataset, count: malformed, reason: 'malformed' })
      }
      return events
    },
    restart,
  }
}
