/**
 * Series by number, in columns, with an index from who sends where to that number. Pure but for its
 * own state. Some 80 bytes a series: as objects in a map keyed by text it would be five times that.
 */

/** Room at first; doubled whenever it is full. */
const FIRST_ROOM = 1 << 12
/** Slots of the index for each series: half of them stay empty, so that a search is short. */
const SLOTS_PER_SERIES = 2
const EMPTY = -1

/** All that a series is told apart by: numbers of texts, and port and transport as one number. */
export interface SeriesKey {
  readonly source: number
  readonly destination: number
  readonly port: number
}

const newColumns = (room: number) => ({
  source: new Int32Array(room),
  destination: new Int32Array(room),
  port: new Int32Array(room),
  /** Address that the destination was last reached by. */
  address: new Int32Array(room),
  head: new Int32Array(room),
  held: new Int32Array(room),
  transfers: new Int32Array(room),
  sourceVotes: new Int32Array(room),
  destinationVotes: new Int32Array(room),
  firstMs: new Float64Array(room),
  lastMs: new Float64Array(room),
  sentBytes: new Float64Array(room),
  receivedBytes: new Float64Array(room),
})

export type Columns = ReturnType<typeof newColumns>

export interface SeriesColumns {
  readonly size: number
  /** Replaced when there is no more room: not to be held on to. */
  readonly columns: Columns
  /** The number of a series; `undefined` where it is not known. */
  find(key: SeriesKey): number | undefined
  /** The number of a series that is not known yet. All but its key is 0. */
  add(key: SeriesKey): number
}

export function seriesColumns(): SeriesColumns {
  let room = FIRST_ROOM
  let columns = newColumns(room)
  let index = emptyIndex(room)
  let size = 0

  /** The slot where the series is, or would be. */
  function slotOf({ source, destination, port }: SeriesKey): number {
    const mask = index.length - 1
    let slot = hash(source, destination, port) & mask
    for (;;) {
      const id = index[slot] as number
      if (
        id === EMPTY ||
        (columns.source[id] === source &&
          columns.destination[id] === destination &&
          columns.port[id] === port)
      ) {
        return slot
      }
      slot = (slot + 1) & mask
    }
  }

  function grow(): void {
    const old = columns
    room *= 2
    columns = newColumns(room)
    for (const name of Object.keys(old) as (keyof Columns)[]) columns[name].set(old[name])
    index = emptyIndex(room)
    for (let id = 0; id < size; id++) index[slotOf(keyAt(id))] = id
  }

  const keyAt = (id: number): SeriesKey => ({
    source: columns.source[id] as number,
    destination: columns.destination[id] as number,
    port: columns.port[id] as number,
  })

  return {
    get size() {
      return size
    },
    get columns() {
      return columns
    },
    find(key) {
      const id = index[slotOf(key)] as number
      return id === EMPTY ? undefined : id
    },
    add(key) {
      if (size === room) grow()
      const id = size++
      columns.source[id] = key.source
      columns.destination[id] = key.destination
      columns.port[id] = key.port
      index[slotOf(key)] = id
      return id
    },
  }
}

const emptyIndex = (room: number): Int32Array => new Int32Array(room * SLOTS_PER_SERIES).fill(EMPTY)

/** Mixes three numbers so that neighbors land far apart (the finalizer of MurmurHash3). */
function hash(a: number, b: number, c: number): number {
  let mixed = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35)
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
