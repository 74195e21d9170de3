/**
 * Points of many series in columns of numbers, each series a chain. Pure but for its own state.
 * A point costs 32 bytes; as an object in an array of its own it would cost ten times that.
 */
import type { EpochMs } from '../../platform/event.ts'

/** Points in a block: blocks are added as needed, and none is ever copied. */
const BLOCK_POINTS = 1 << 16
const BLOCK_BITS = 16

/** No point: the end of a chain, and the head of an empty one. */
export const NO_POINT = -1

export interface Point {
  readonly startMs: EpochMs
  readonly sourcePort: number
  readonly sentBytes: number | undefined
  readonly receivedBytes: number | undefined
}

export interface PointPool {
  /** Adds a point before `head`. @returns the new head */
  add(head: number, point: Point): number
  /** All points of a chain, newest added first. The chain is gone: its places are used again. */
  take(head: number): Point[]
}

interface Block {
  readonly startMs: Float64Array
  /** NaN is unknown. */
  readonly sentBytes: Float64Array
  readonly receivedBytes: Float64Array
  readonly sourcePort: Uint32Array
  readonly next: Int32Array
}

export function pointPool(): PointPool {
  const blocks: Block[] = []
  let used = 0
  let free = NO_POINT

  const blockOf = (id: number): Block => blocks[id >>> BLOCK_BITS] as Block
  const slotOf = (id: number): number => id & (BLOCK_POINTS - 1)
  const nextOf = (id: number): number => blockOf(id).next[slotOf(id)] as number

  function place(): number {
    if (free !== NO_POINT) {
      const id = free
      free = nextOf(id)
      return id
    }
    if (used === blocks.length * BLOCK_POINTS) blocks.push(newBlock())
    return used++
  }

  return {
    add(head, { startMs, sourcePort, sentBytes, receivedBytes }) {
      const id = place()
      const [block, slot] = [blockOf(id), slotOf(id)]
      block.startMs[slot] = startMs
      block.sentBytes[slot] = sentBytes ?? Number.NaN
      block.receivedBytes[slot] = receivedBytes ?? Number.NaN
      block.sourcePort[slot] = sourcePort
      block.next[slot] = head
      return id
    },
    take(head) {
      const points: Point[] = []
      for (let id = head; id !== NO_POINT; ) {
        const [block, slot] = [blockOf(id), slotOf(id)]
        points.push({
          startMs: block.startMs[slot] as number,
          sourcePort: block.sourcePort[slot] as number,
          sentBytes: known(block.sentBytes[slot] as number),
          receivedBytes: known(block.receivedBytes[slot] as number),
        })
        const next = block.next[slot] as number
        block.next[slot] = free
        free = id
        id = next
      }
      return points
    },
  }
}

const newBlock = (): Block => ({
  startMs: new Float64Array(BLOCK_POINTS),
  sentBytes: new Float64Array(BLOCK_POINTS),
  receivedBytes: new Float64Array(BLOCK_POINTS),
  sourcePort: new Uint32Array(BLOCK_POINTS),
  next: new Int32Array(BLOCK_POINTS),
})

const known = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value)
