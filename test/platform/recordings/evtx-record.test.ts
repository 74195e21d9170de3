import t from 'tap'
import { evtxRecordReader } from '../../../platform/recordings/evtx-record.ts'
import { boolean, CHANNEL, evtxChunk, PROVIDER, text, uint32 } from '../../support/evtx-chunk.ts'

const AT = Date.UTC(2024, 2, 1, 12, 30, 0, 7)
const values = (id: number) => [
  text('Image', `C:\\${id}.exe`),
  uint32('ProcessId', id),
  boolean('Initiated', id % 2 === 1),
]
const chunk = evtxChunk([
  { id: 41, eventId: 3, atMs: AT, values: values(41) },
  { id: 42, eventId: 5, atMs: AT + 1, values: values(42) },
])
const SECOND_AT = chunk.indexOf('**\0\0', 513, 'latin1')
const endOf = (at: number) => at + chunk.readUInt32LE(at + 4)

t.test('a record tells its System and its data', async (t) => {
  const record = evtxRecordReader(chunk).read(512, endOf(512))
  t.match(record, {
    recordId: 41,
    eventId: 3,
    createdMs: AT,
    provider: PROVIDER,
    channel: CHANNEL,
    computer: 'host & co',
  })
  t.strictSame(record.fields(), [
    ['Image', 'C:\\41.exe'],
    ['ProcessId', '41'],
    ['Initiated', 'true'],
  ])
  t.equal(record.field('Image'), 'C:\\41.exe')
  t.equal(record.field('image'), undefined)
})

t.test('a later record reads its templates from an earlier one', async (t) => {
  const second = evtxRecordReader(chunk).read(SECOND_AT, endOf(SECOND_AT))
  t.match(second, { recordId: 42, eventId: 5, createdMs: AT + 1 })
  t.equal(second.field('Initiated'), 'false')
})

t.test('records of different lengths that share a template are kept apart', async (t) => {
  const reader = evtxRecordReader(chunk)
  const [first, second] = [reader.read(512, endOf(512)), reader.read(SECOND_AT, endOf(SECOND_AT))]
  t.equal(second.field('ProcessId'), '42')
  t.equal(first.field('ProcessId'), '41')
})

t.test('a record without an event id, or beyond its end, makes no sense', async (t) => {
  const blank = Buffer.from(chunk)
  // The content of the template that both share.
  blank.fill(0, 512 + 24 + 14 + 24, 512 + 24 + 14 + 60)
  t.throws(() => evtxRecordReader(blank).read(SECOND_AT, endOf(SECOND_AT)), RangeError)
  t.throws(() => evtxRecordReader(chunk).read(SECOND_AT, SECOND_AT + 60), RangeError)
})

t.test('many templates that lie over one another are given up', async (t) => {
  const reader = evtxRecordReader(chunk)
  const bad = Buffer.from(chunk)
  let refused = 0
  const overlapping = evtxRecordReader(bad)
  for (let i = 0; i < 300; i++) {
    const definition = 20_000 + i
    bad.writeUInt32LE(40_000, definition + 20)
    bad.writeUInt32LE(definition, SECOND_AT + 24 + 4 + 6)
    try {
      overlapping.read(SECOND_AT, endOf(SECOND_AT))
    } catch {
      refused++
    }
  }
  t.equal(refused, 300)
  t.equal(reader.read(512, endOf(512)).recordId, 41)
})
