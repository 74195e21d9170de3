/**
 * Writes EVTX as Windows lays it out: a chunk whose first record brings the template of the event
 * and that of its data, and whose others refer to them. Enough for tests without recordings.
 */
const CHUNK_BYTES = 1 << 16
const FIRST_RECORD_AT = 512
const FILETIME_EPOCH_MS = 11_644_473_600_000n

export interface EvtxValue {
  readonly name: string
  readonly type: number
  readonly bytes: Buffer
}

export interface EvtxEntry {
  readonly id: number
  readonly eventId: number
  readonly atMs: number
  readonly values: readonly EvtxValue[]
}

export const PROVIDER = 'Microsoft-Windows-Sysmon'
export const CHANNEL = 'Microsoft-Windows-Sysmon/Operational'

export const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le')
export const text = (name: string, value: string): EvtxValue => ({
  name,
  type: 0x01,
  bytes: utf16(value),
})
export const uint32 = (name: string, value: number): EvtxValue => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return { name, type: 0x08, bytes }
}
export const boolean = (name: string, value: boolean): EvtxValue => ({
  ...uint32(name, value ? 1 : 0),
  type: 0x0d,
})
export const filetime = (atMs: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE((BigInt(atMs) + FILETIME_EPOCH_MS) * 10_000n)
  return bytes
}
const sized = (size: 2 | 8, value: number): Buffer => {
  const bytes = Buffer.alloc(size)
  bytes.writeUIntLE(value, 0, Math.min(size, 6))
  return bytes
}

/** A chunk of these records; all must have values of the same names and types. */
export function evtxChunk(entries: readonly EvtxEntry[]): Buffer {
  const chunk = Buffer.alloc(CHUNK_BYTES)
  let at = FIRST_RECORD_AT
  const u8 = (value: number) => {
    at = chunk.writeUInt8(value, at)
  }
  const u16 = (value: number) => {
    at = chunk.writeUInt16LE(value, at)
  }
  const u32 = (value: number) => {
    at = chunk.writeUInt32LE(value, at)
  }
  const raw = (bytes: Buffer) => {
    at += bytes.copy(chunk, at)
  }
  const name = (value: string) => {
    u32(at + 4)
    u32(0)
    u16(0)
    u16(value.length)
    raw(utf16(value))
    u16(0)
  }
  const literal = (value: string) => {
    u8(0x05)
    u8(0x01)
    u16(value.length)
    raw(utf16(value))
  }
  const value = (index: number, type: number) => {
    u8(0x0d)
    u16(index)
    u8(type)
  }
  const element = (
    own: string,
    attribute: readonly [name: string, write: () => void] | undefined,
    content?: () => void,
  ) => {
    u8(attribute === undefined ? 0x01 : 0x41)
    u16(0xffff)
    u32(0)
    name(own)
    if (attribute !== undefined) {
      u32(0)
      u8(0x06)
      name(attribute[0])
      attribute[1]()
    }
    u8(content === undefined ? 0x03 : 0x02)
    if (content === undefined) return
    content()
    u8(0x04)
  }

  /** A template is written where it is first used, at `known` else. */
  function instance(
    known: number | undefined,
    write: () => void,
    values: readonly { type: number; bytes: Buffer }[],
    after?: () => void,
  ): number {
    raw(Buffer.from([0x0f, 1, 1, 0, 0x0c, 1]))
    u32(1)
    const definition = known ?? at + 4
    u32(definition)
    if (known === undefined) {
      raw(Buffer.alloc(20))
      const sizeAt = at
      u32(0)
      raw(Buffer.from([0x0f, 1, 1, 0]))
      write()
      u8(0)
      chunk.writeUInt32LE(at - sizeAt - 4, sizeAt)
    }
    u32(values.length + (after === undefined ? 0 : 1))
    for (const { type, bytes } of values) {
      u16(bytes.length)
      u8(type)
      u8(0)
    }
    const lastAt = at
    if (after !== undefined) u32(0x21_0000)
    for (const { bytes } of values) raw(bytes)
    const from = at
    after?.()
    if (after !== undefined) chunk.writeUInt16LE(at - from, lastAt)
    return definition
  }

  const event = () =>
    element('Event', undefined, () => {
      element('System', undefined, () => {
        element('Provider', ['Name', () => literal(PROVIDER)])
        element('EventID', undefined, () => value(0, 0x06))
        element('TimeCreated', ['SystemTime', () => value(1, 0x11)])
        element('EventRecordID', undefined, () => value(2, 0x0a))
        element('Channel', undefined, () => literal(CHANNEL))
        element('Computer', undefined, () => literal('host & co'))
      })
      value(3, 0x21)
    })

  let eventTemplate: number | undefined
  let dataTemplate: number | undefined
  let lastAt = at
  for (const { id, eventId, atMs, values } of entries) {
    lastAt = at
    raw(Buffer.from('**\0\0', 'latin1'))
    u32(0)
    raw(sized(8, id))
    raw(filetime(atMs))
    const data = () =>
      element('EventData', undefined, () => {
        values.forEach(({ name: own, type }, index) => {
          element('Data', ['Name', () => literal(own)], () => value(index, type))
        })
      })
    const system = [
      { type: 0x06, bytes: sized(2, eventId) },
      { type: 0x11, bytes: filetime(atMs) },
      { type: 0x0a, bytes: sized(8, id) },
    ]
    eventTemplate = instance(eventTemplate, event, system, () => {
      dataTemplate = instance(dataTemplate, data, values)
    })
    while (at % 4 !== 0) u8(0)
    u32(at + 4 - lastAt)
    chunk.writeUInt32LE(at - lastAt, lastAt + 4)
  }
  chunk.write('ElfChnk\0', 0, 'latin1')
  chunk.writeBigUInt64LE(1n, 8)
  chunk.writeBigUInt64LE(BigInt(entries.length), 16)
  chunk.writeBigUInt64LE(BigInt(entries[0]?.id ?? 0), 24)
  chunk.writeBigUInt64LE(BigInt(entries.at(-1)?.id ?? 0), 32)
  chunk.writeUInt32LE(128, 40)
  chunk.writeUInt32LE(lastAt, 44)
  chunk.writeUInt32LE(at, 48)
  return chunk
}

/** A file of these chunks; its header tells of none of them, as that of a log in use. */
export function evtxFile(chunks: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(4096)
  header.write('ElfFile\0', 0, 'latin1')
  header.writeUInt32LE(128, 32)
  header.writeUInt16LE(4096, 40)
  header.writeUInt32LE(1, 120)
  return Buffer.concat([header, ...chunks])
}
