import fc from 'fast-check'
import t from 'tap'
import { compileTemplate } from '../../../platform/recordings/evtx-template.ts'
import { CHANNEL, evtxChunk, PROVIDER, text, uint32 } from '../../support/evtx-chunk.ts'
import { holds } from '../../support/holds.ts'

const chunk = evtxChunk([
  { id: 1, eventId: 3, atMs: 0, values: [text('Image', 'a'), uint32('ProcessId', 1)] },
])
/** The definition: behind the record's header, the fragment's, and that of the instance. */
const EVENT_AT = 512 + 24 + 14
const definition = (at: number) => [at + 24, at + 24 + chunk.readUInt32LE(at + 20)] as const

t.test('an event is known by its System', async (t) => {
  const { system, fields } = compileTemplate(chunk, ...definition(EVENT_AT), true)
  t.strictSame(system, {
    provider: [PROVIDER],
    created: [1],
    eventId: [0],
    recordId: [2],
    channel: [CHANNEL],
    computer: ['host & co'],
  })
  t.strictSame(fields, [], 'what the data is comes with the values')
})

t.test('data goes by its attribute Name', async (t) => {
  const dataAt = chunk.indexOf(Buffer.from('EventData', 'utf16le')) - 8 - 4 - 4 - 3 - 4 - 24
  const { fields, fieldNamed, system } = compileTemplate(chunk, ...definition(dataAt), true)
  t.strictSame(fields, [
    { name: 'Image', parts: [0] },
    { name: 'ProcessId', parts: [1] },
  ])
  t.strictSame(fieldNamed.get('ProcessId'), [1])
  t.strictSame(system, {})
})

/** `<a b="c">x<d/>&gt;&#33;</a>`, each name in place, without dependency identifiers. */
function handMade(): Buffer {
  const bytes = Buffer.alloc(400)
  let at = 0
  const put = (...values: number[]) => {
    for (const value of values) at = bytes.writeUInt8(value, at)
  }
  const name = (own: string) => {
    at = bytes.writeUInt32LE(at + 4, at) + 6
    at = bytes.writeUInt16LE(own.length, at)
    at += bytes.write(own, at, 'utf16le') + 2
  }
  const literal = (own: string) => {
    put(0x05, 0x01, own.length, 0)
    at += bytes.write(own, at, 'utf16le')
  }
  put(0x41, 0, 0, 0, 0)
  name('a')
  put(0, 0, 0, 0, 0x06)
  name('Name')
  literal('c')
  put(0x02)
  literal('x')
  put(0x09)
  name('gt')
  put(0x08, 0x21, 0x00)
  put(0x04)
  return bytes.subarray(0, at)
}

t.test('a value that is XML has its texts in place', async (t) => {
  const bytes = handMade()
  const { fields } = compileTemplate(bytes, 0, bytes.length, false)
  t.strictSame(fields, [{ name: 'c', parts: ['x', '>', '!'] }])
  const same = compileTemplate(bytes, 0, bytes.length, true)
  t.strictSame(same.fields, fields, 'a writer that leaves the identifier out of a record is read')
})

t.test('properties', async (t) => {
  const anything = fc.property(
    fc.uint8Array({ maxLength: 300 }),
    fc.boolean(),
    (bytes, isTemplate) => {
      try {
        return compileTemplate(Buffer.from(bytes), 0, bytes.length, isTemplate).fields.length <= 300
      } catch (error) {
        return error instanceof RangeError
      }
    },
  )
  holds(t, 'any bytes are a template, or out of range', anything)
})
