/**
 * The event log's port in memory, for the collector's own tests: channels that a test writes, clears and
 * takes away. The real interface is run under wine (`test/live/windows-wine.test.ts`).
 */
import {
  type ChannelState,
  type EventLog,
  EventLogError,
  type EventLogReader,
} from '../../platform/windows/event-log.ts'
import { eventXml, type LogRecord } from './windows-log.ts'

export interface FakeEventLog extends EventLog {
  states: Map<string, ChannelState>
  append(...records: readonly Omit<LogRecord, 'channel'>[]): void
  /** All that is there goes; numbers go on. */
  clear(): void
  /** What was asked for, in order. */
  readonly asked: string[]
  /** Readers that were not closed. */
  readonly open: Set<EventLogReader>
}

export function fakeEventLog(channel: string): FakeEventLog {
  const entries: { readonly number: number; readonly record: LogRecord }[] = []
  const asked: string[] = []
  const open = new Set<EventLogReader>()
  let count = 0

  const idsOf = (query: string): number[] =>
    [...query.matchAll(/EventID=(\d+)/g)].map(([, id]) => Number(id))

  function reader(query: string, from: number, isBackwards = false): EventLogReader {
    const ids = idsOf(query)
    let last = from
    let place: number | undefined
    const left = isBackwards ? entries.toReversed() : undefined
    const self: EventLogReader = {
      async next(max) {
        const first = entries[0]?.number
        if (!left && last > 0 && first !== undefined && first > last + 1) {
          throw new EventLogError('EvtNext', 15_011)
        }
        const source = left ?? entries.filter(({ number }) => number > last)
        const found = source.filter(({ record }) => ids.includes(record.eventId)).slice(0, max)
        if (left) left.splice(0, left.length)
        last = found.at(-1)?.number ?? last
        if (found.length > 0) place = last
        return found.map(({ number, record }) => eventXml(record, number))
      },
      bookmark: () => (place === undefined ? undefined : `<Bookmark RecordId='${place}'/>`),
      close: () => void open.delete(self),
    }
    open.add(self)
    return self
  }

  const states = new Map<string, ChannelState>([[channel, 'enabled']])
  return {
    ...{ states, asked, open },
    append(...records) {
      for (const record of records)
        entries.push({ number: ++count, record: { ...record, channel } })
    },
    clear: () => void entries.splice(0),
    state: (name) => states.get(name) ?? 'missing',
    subscribe(_, query, start) {
      asked.push(`${query} ${typeof start === 'string' ? start : 'after'}`)
      if (start === 'oldest') return reader(query, 0)
      if (start === 'new') return reader(query, count)
      const number = Number(/RecordId='(\d+)'/.exec(start.after)?.[1])
      if (!entries.some((entry) => entry.number === number)) {
        throw new EventLogError('EvtSubscribe', 1168)
      }
      return reader(query, number)
    },
    newestFirst: (_, query) => reader(query, 0, true),
  }
}
