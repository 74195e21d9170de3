/**
 * Reads a binary property list (`bplist00`). Pure and total: whoever may write a LaunchAgent writes
 * these bytes, and the agent that reads them is root.
 *
 * Objects refer to each other by number, so that a small file may hold itself, or grow without end as
 * it is unfolded: the values made are counted, and so is their depth. The two libraries that there are
 * bound neither.
 * Form: the comment at the head of Apple's CFBinaryPList.c.
 */
import { malformed, type Parsed, parsed } from '../parsed.ts'

export const BINARY_PLIST = 'bplist00'

/** Six unused bytes, sizes of an offset and of a reference, then three numbers of eight bytes. */
const TRAILER_BYTES = 32
/** A definition has some fifty values. */
const MAX_VALUES = 20_000
const MAX_DEPTH = 32
/** Dates are seconds since 2001-01-01. */
const EPOCH_2001_MS = Date.UTC(2001, 0, 1)

/** Numbers beyond 2^53 come rounded; a UID is its number, a set is a list. */
export function parseBinaryPlist(bytes: Buffer): Parsed<unknown> {
  try {
    return parsed(unfolded(bytes))
  } catch (error) {
    // Its own checks, and those of Buffer for what points outside of the file.
    if (error instanceof RangeError) return malformed(error.message)
    throw error
  }
}

/** @throws {RangeError} where it makes no sense */
function unfolded(bytes: Buffer): unknown {
  const trailer = bytes.length - TRAILER_BYTES
  if (trailer < BINARY_PLIST.length) throw new RangeError('cut off: no room for a trailer')
  const offsetBytes = sizeAt(bytes, trailer + 6)
  const referenceBytes = sizeAt(bytes, trailer + 7)
  const count = uint(bytes, trailer + 8, 8)
  const table = uint(bytes, trailer + 24, 8)
  if (table + count * offsetBytes > trailer)
    throw new RangeError('its table is outside of the file')
  let values = 0

  function held(object: number, depth: number): unknown {
    if (object >= count) throw new RangeError(`no object ${object}`)
    if (++values > MAX_VALUES) throw new RangeError(`more than ${MAX_VALUES} values`)
    if (depth > MAX_DEPTH) throw new RangeError(`deeper than ${MAX_DEPTH}`)
    const at = uint(bytes, table + object * offsetBytes, offsetBytes)
    const marker = bytes.readUInt8(at)
    const [kind, low] = [marker >> 4, marker & 0x0f]
    if (kind === 0x0) return SINGLE.get(marker)
    if (kind === 0x1) return integer(bytes, at + 1, 1 << low)
    if (kind === 0x2) return low === 2 ? bytes.readFloatBE(at + 1) : bytes.readDoubleBE(at + 1)
    if (kind === 0x3) return new Date(EPOCH_2001_MS + bytes.readDoubleBE(at + 1) * 1_000)
    if (kind === 0x8) return uint(bytes, at + 1, low + 1)
    const [size, start] = low === 0x0f ? longSize(bytes, at + 1) : [low, at + 1]
    const list = (from: number): unknown[] => {
      within(bytes, from, size * referenceBytes)
      return Array.from({ length: size }, (_, i) =>
        held(uint(bytes, from + i * referenceBytes, referenceBytes), depth + 1),
      )
    }
    switch (kind) {
      case 0x4:
        return within(bytes, start, size)
      case 0x5:
        return within(bytes, start, size).toString('latin1')
      case 0x6:
        return Buffer.from(within(bytes, start, size * 2))
          .swap16()
          .toString('utf16le')
      case 0xa:
      case 0xb:
      case 0xc:
        return list(start)
      case 0xd: {
        const keys = list(start)
        const contents = list(start + size * referenceBytes)
        // fromEntries: a key named __proto__ is a key like any other.
        return Object.fromEntries(keys.map((key, i) => [String(key), contents[i]]))
      }
      default:
        throw new RangeError(`an object of unknown kind ${kind}`)
    }
  }

  return held(uint(bytes, trailer + 16, 8), 0)
}

/** Null and fill bytes are `undefined`. */
const SINGLE: ReadonlyMap<number, boolean> = new Map([
  [0x08, false],
  [0x09, true],
])

function sizeAt(bytes: Buffer, at: number): number {
  const size = bytes.readUInt8(at)
  if (size < 1 || size > 8) throw new RangeError(`numbers of ${size} bytes`)
  return size
}

/** A size that does not fit beside the marker is an integer object of its own. */
function longSize(bytes: Buffer, at: number): [size: number, start: number] {
  const marker = bytes.readUInt8(at)
  if (marker >> 4 !== 0x1) throw new RangeError('a size that is no number')
  const width = 1 << (marker & 0x0f)
  return [uint(bytes, at + 1, width), at + 1 + width]
}

function integer(bytes: Buffer, at: number, width: number): number {
  // Eight bytes are signed, fewer are not; sixteen hold an unsigned one of eight in their lower half.
  if (width === 8) return Number(bytes.readBigInt64BE(at))
  return width === 16 ? uint(bytes, at + 8, 8) : uint(bytes, at, width)
}

function uint(bytes: Buffer, at: number, width: number): number {
  if (width > 8) throw new RangeError(`a number of ${width} bytes`)
  return width <= 6
    ? bytes.readUIntBE(at, width)
    : bytes.readUIntBE(at, width - 4) * 2 ** 32 + bytes.readUInt32BE(at + width - 4)
}

function within(bytes: Buffer, at: number, size: number): Buffer {
  if (at + size > bytes.length) throw new RangeError('a value reaches beyond the file')
  return bytes.subarray(at, at + size)
}
