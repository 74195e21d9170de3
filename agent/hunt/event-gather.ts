/**
 * Events of recorded hosts, put in the order of their time and joined into transfers, host by host. A
 * recording is written in the order in which its records were done with: so a window of events is held,
 * and the older half of it is joined whenever it is full. What comes later than that is joined late.
 * Pure but for its own state.
 *
 * Which host a record is of: the one that it names. Files that name none (audit.log as it lies on the
 * disk) are of the host that the others of their place name, where that is one only.
 */
import type { EpochMs, Event, Schedule } from '../../platform/event.ts'
import { SECURITY_DATASET } from '../../platform/windows/security.ts'
import type { Gap } from '../../storage/series.ts'
import { type Correlated, type Correlator, createCorrelator } from '../correlate/correlator.ts'
import type { RecordedTransfer } from '../correlate/transfers.ts'

/** Events held, of all hosts; some 500 bytes each. */
const MAX_HELD = 50_000
/** Events joined at a time. */
const BATCH = 4_096
/** Connections of one run within it are one beat; a beacon may beat each few seconds. */
const RUN_QUIET_MS = 1_000
const CLAIM_MS = 2_000
const MAX_PROCESSES = 50_000
/** The fallback where Sysmon is absent: with it, it tells the same connections once more. */
const FALLBACK = SECURITY_DATASET

/** A host whose records were read. */
export interface RecordedHost {
  /** Empty where no record told it. */
  readonly name: string
  /** Where its files lie: tells hosts apart that have no name. */
  readonly place: string
}

export interface GatheredHost extends RecordedHost {
  readonly transfers: readonly RecordedTransfer[]
  readonly gaps: readonly Gap[]
}

export interface EventGather {
  /** @param host its name, empty where the record names none; `place` is told by the file's path */
  add(host: string, place: string, event: Event): void
  /** Joins what is still held: all files are over. */
  end(): void
  /** All jobs that are known of a host. */
  schedulesOf(host: RecordedHost): readonly Schedule[]
}

interface Host extends RecordedHost {
  readonly correlator: Correlator
  held: Event[]
  hasSysmon: boolean
  lastMs: EpochMs
}

/**
 * @param take what became of events, as it becomes known; a transfer may come again, better known
 * @param maxHeld events held at most
 */
export function eventGather(
  take: (gathered: GatheredHost) => void,
  maxHeld: number = MAX_HELD,
): EventGather {
  const hosts = new Map<string, Host>()
  const namesOfPlace = new Map<string, Set<string>>()
  /** Of records without a name, by place: whose they are is asked when they are joined. */
  const unnamed = new Map<string, Event[]>()
  let held = 0

  function hostOf(name: string, place: string): Host {
    const key = keyOf({ name, place })
    const known = hosts.get(key)
    if (known !== undefined) return known
    const host: Host = {
      ...{ name, place, held: [], hasSysmon: false, lastMs: Number.NEGATIVE_INFINITY },
      correlator: createCorrelator({
        bootId: key,
        runQuietMs: RUN_QUIET_MS,
        claimMs: CLAIM_MS,
        maxProcesses: MAX_PROCESSES,
        include: { loopback: false, linkLocal: true, multicast: true, private: true },
      }),
    }
    hosts.set(key, host)
    return host
  }

  /** Once told apart, a place's nameless host stays so. */
  function hostOfPlace(place: string): Host {
    const names = [...(namesOfPlace.get(place) ?? [])]
    const isOwn = hosts.has(keyOf({ name: '', place }))
    return names.length === 1 && !isOwn ? hostOf(names[0] as string, place) : hostOf('', place)
  }

  function join(host: Host, cutMs: EpochMs): void {
    host.held.sort((a, b) => a.atMs - b.atMs)
    const end = host.held.findIndex(({ atMs }) => atMs >= cutMs)
    const due = end < 0 ? host.held : host.held.slice(0, end)
    host.held = end < 0 ? [] : host.held.slice(end)
    held -= due.length
    for (let at = 0; at < due.length; at += BATCH) {
      const batch = due.slice(at, at + BATCH).filter((event) => isToldOnce(host, event))
      hand(host, host.correlator.push(batch))
      host.lastMs = Math.max(host.lastMs, due[Math.min(at + BATCH, due.length) - 1]?.atMs ?? 0)
      hand(host, host.correlator.advance(host.lastMs))
    }
  }

  function hand({ name, place }: Host, { transfers, gaps }: Correlated): void {
    if (transfers.length > 0 || gaps.length > 0) take({ name, place, transfers, gaps })
  }

  function joinUntil(cutMs: EpochMs): void {
    for (const [place, events] of unnamed) {
      const host = hostOfPlace(place)
      for (const event of events) hold(host, event)
    }
    unnamed.clear()
    for (const host of hosts.values()) join(host, cutMs)
  }

  /** The middle of all that is held. */
  function middleMs(): EpochMs {
    const all = [...unnamed.values(), ...Array.from(hosts.values(), (host) => host.held)]
    const times = Float64Array.from(all.flatMap((events) => events.map(({ atMs }) => atMs))).sort()
    const middle = times[times.length >> 1] ?? 0
    // All of one instant: then none of them is older than the others.
    return middle > (times[0] ?? 0) ? middle : middle + 1
  }

  return {
    add(name, place, told) {
      const event = copied(told)
      if (name === '') {
        const events = unnamed.get(place)
        if (events === undefined) unnamed.set(place, [event])
        else events.push(event)
      } else {
        const names = namesOfPlace.get(place)
        if (names === undefined) namesOfPlace.set(place, new Set([name]))
        else names.add(name)
        hold(hostOf(name, place), event)
      }
      if (++held >= maxHeld) joinUntil(middleMs())
    },
    end() {
      joinUntil(Number.POSITIVE_INFINITY)
      // What still waits for its process is let go: first it is told the time, then that it is over.
      for (const host of hosts.values()) {
        for (const waits of [1, 3]) {
          hand(host, host.correlator.advance(host.lastMs + waits * CLAIM_MS))
        }
      }
    },
    schedulesOf: (host) => hosts.get(keyOf(host))?.correlator.schedules() ?? [],
  }
}

/** A name is one host, wherever its records lie. */
export const keyOf = ({ name, place }: RecordedHost): string =>
  name === '' ? `place ${place}` : `host ${name}`

function hold(host: Host, event: Event): void {
  host.hasSysmon ||= event.kind === 'connection' && event.dataset !== FALLBACK
  host.held.push(event)
}

/** Texts of a record are slices of the piece of a file that they came in, and keep all of it alive. */
const copied = (event: Event): Event => JSON.parse(JSON.stringify(event)) as Event

const isToldOnce = ({ hasSysmon }: Host, event: Event): boolean =>
  !(hasSysmon && event.kind === 'connection' && event.dataset === FALLBACK)
