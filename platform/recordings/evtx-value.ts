/**
 * The values of binary XML, as the text that Windows renders for them. Pure: a value that does not
 * fit into its bytes throws a RangeError, which the reader of the record turns into "malformed".
 *
 * Types: [MS-EVEN6] 2.2.12 and libfwevt's documentation. Seen to differ from them: a Boolean takes 4
 * bytes, and any value but 0 is true; a hexadecimal number has no leading zeros.
 */

export const BINARY_XML = 0x21
const ARRAY = 0x80
const FILETIME = 0x11
const SYSTEMTIME = 0x12
/** Between 1601 and 1970. */
const FILETIME_EPOCH_MS = 11_644_473_600_000

/** An array's members are set apart by line feeds. */
export function valueText(bytes: Buffer, type: number, at: number, size: number): string {
  if (at + size > bytes.length) throw new RangeError('a value beyond the end')
  if ((type & ARRAY) !== 0) return arrayTexts(bytes, type, at, size).join('\n')
  switch (type) {
    case 0x01:
      return utf16Text(bytes, at, size)
    case 0x02:
      return untilNul(bytes.toString('latin1', at, at + size))
    case 0x03:
      return size === 0 ? '' : String(bytes.readInt8(at))
    case 0x04:
      return size === 0 ? '' : String(bytes.readUInt8(at))
    case 0x05:
      return size === 0 ? '' : String(bytes.readInt16LE(at))
    case 0x06:
      return size === 0 ? '' : String(bytes.readUInt16LE(at))
    case 0x07:
      return size === 0 ? '' : String(bytes.readInt32LE(at))
    case 0x08:
      return size === 0 ? '' : String(bytes.readUInt32LE(at))
    case 0x09:
      return size === 0 ? '' : String(bytes.readBigInt64LE(at))
    case 0x0a:
      return size === 0 ? '' : String(bytes.readBigUInt64LE(at))
    case 0x0b:
      return size === 0 ? '' : String(bytes.readFloatLE(at))
    case 0x0c:
      return size === 0 ? '' : String(bytes.readDoubleLE(at))
    case 0x0d:
      return booleanText(bytes, at, size)
    case 0x0e:
      return bytes.toString('hex', at, at + size).toUpperCase()
    case 0x0f:
      return size === 0 ? '' : guidText(bytes, at)
    case FILETIME:
      return size === 0 ? '' : timeText(filetimeMs(bytes, at), bytes.readBigUInt64LE(at))
    case SYSTEMTIME:
      return size === 0 ? '' : timeText(valueMs(bytes, type, at, size), 0n)
    case 0x13:
      return size === 0 ? '' : sidText(bytes, at, size)
    // A pointer's size is that of the machine that wrote it.
    case 0x10:
    case 0x14:
    case 0x15:
      return size === 0 ? '' : hexText(bytes, at, size)
    default:
      return ''
  }
}

/** The instant of a FILETIME or SYSTEMTIME, whole milliseconds; `undefined` for any other type. */
export function valueMs(bytes: Buffer, type: number, at: number, size: number): number | undefined {
  if (type === FILETIME && size >= 8) return filetimeMs(bytes, at)
  if (type !== SYSTEMTIME || size < 16) return undefined
  const part = (index: number): number => bytes.readUInt16LE(at + 2 * index)
  // Member 2 is the day of the week.
  return Date.UTC(part(0), part(1) - 1, part(3), part(4), part(5), part(6), part(7))
}

/** 100 nanoseconds since 1601, as milliseconds since 1970. In parts: the whole is beyond 2^53. */
export function filetimeMs(bytes: Buffer, at: number): number {
  const [low, high] = [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)]
  // 2^32 is 429,496 times 10,000 and 7,296.
  return high * 429_496 + Math.floor((high * 7_296 + low) / 10_000) - FILETIME_EPOCH_MS
}

/** With nanoseconds, as Windows writes them: of a hundred each. */
function timeText(atMs: number | undefined, filetime: bigint): string {
  if (atMs === undefined || Math.abs(atMs) > MAX_DATE_MS) return ''
  const rest = `${filetime % 10_000n}`.padStart(4, '0')
  return `${new Date(atMs).toISOString().slice(0, -1)}${rest}00Z`
}

/** The last instant that a Date can hold. */
const MAX_DATE_MS = 8.64e15

const utf16Text = (bytes: Buffer, at: number, size: number): string =>
  untilNul(bytes.toString('utf16le', at, at + (size & ~1)))

/** Writers pad with NULs, or count the one at the end. */
function untilNul(text: string): string {
  const end = text.indexOf('\0')
  return end < 0 ? text : text.slice(0, end)
}

function booleanText(bytes: Buffer, at: number, size: number): string {
  if (size === 0) return ''
  return bytes.subarray(at, at + size).some((byte) => byte !== 0) ? 'true' : 'false'
}

function hexText(bytes: Buffer, at: number, size: number): string {
  if (size >= 8) return `0x${bytes.readBigUInt64LE(at).toString(16)}`
  return `0x${bytes.readUInt32LE(at).toString(16)}`
}

function guidText(bytes: Buffer, at: number): string {
  const hex = (from: number, to: number): string =>
    bytes.toString('hex', at + from, at + to).toUpperCase()
  const number = (from: number, size: number): string =>
    bytes
      .readUIntLE(at + from, size)
      .toString(16)
      .padStart(2 * size, '0')
      .toUpperCase()
  return `{${number(0, 4)}-${number(4, 2)}-${number(6, 2)}-${hex(8, 10)}-${hex(10, 16)}}`
}

function sidText(bytes: Buffer, at: number, size: number): string {
  const count = bytes.readUInt8(at + 1)
  if (8 + 4 * count > size) throw new RangeError('a SID beyond its value')
  let text = `S-${bytes.readUInt8(at)}-${bytes.readUIntBE(at + 2, 6)}`
  for (let i = 0; i < count; i++) text += `-${bytes.readUInt32LE(at + 8 + 4 * i)}`
  return text
}

/** Bytes a member of an array takes; strings end in NUL instead. */
const MEMBER_BYTES: Record<number, number> = {
  3: 1,
  4: 1,
  5: 2,
  6: 2,
  7: 4,
  8: 4,
  9: 8,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
  15: 16,
  17: 8,
  18: 16,
  20: 4,
  21: 8,
}

export const isArray = (type: number): boolean => (type & ARRAY) !== 0

/** Windows' XML repeats the element for each member. */
export function arrayTexts(bytes: Buffer, array: number, at: number, size: number): string[] {
  if (at + size > bytes.length) throw new RangeError('a value beyond the end')
  const type = array & ~ARRAY
  if (type === 0x01) return members(bytes.toString('utf16le', at, at + (size & ~1)))
  if (type === 0x02) return members(bytes.toString('latin1', at, at + size))
  const step = MEMBER_BYTES[type]
  if (step === undefined) return []
  return Array.from({ length: Math.floor(size / step) }, (_, i) =>
    valueText(bytes, type, at + i * step, step),
  )
}

const members = (text: string): string[] =>
  (text.endsWith('\0') ? text.slice(0, -1) : text).split('\0')
