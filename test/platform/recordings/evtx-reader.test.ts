import fc from 'fast-check'
import t from 'tap'
import { evtxReader, isEvtx } from '../../../platform/recordings/evtx-reader.ts'
import { boolean, evtxChunk, evtxFile, text, uint32 } from '../../support/evtx-chunk.ts'
import { holds } from '../../support/holds.ts'

const AT = Date.UTC(2024, 2, 1, 12, 30, 0, 7)
const entry = (id: number, image = 'C:\\a.exe') => ({
  id,
  eventId: 3,
  atMs: AT + id * 1000,
  values: [text('Image', image), uint32('ProcessId', id), boolean('Initiated', true)],
})
const chunkOf = (...ids: number[]): Buffer => evtxChunk(ids.map((id) => entry(id)))

function read(file: Buffer, pieceBytes = file.length) {
  const ids: number[] = []
  const reader = evtxReader((record) => {
    record.fields()
    ids.push(record.recordId)
  })
  for (let at = 0; at < file.length; at += Math.max(1, pieceBytes)) {
    reader.push(file.subarray(at, at + pieceBytes))
  }
  reader.end()
  return { ids, ...reader.counts, refusal: reader.refusal }
}

const CLEAN = { malformed: 0, missed: 0, badChunks: 0, refusal: undefined }

t.test('a stale file header hides no chunk', async (t) => {
  const got = read(evtxFile([chunkOf(1, 2), chunkOf(3)]))
  t.strictSame(got, { ...CLEAN, ids: [1, 2, 3], records: 3, chunks: 2 })
})

t.test('chunks that were carved from a disk need no file around them', async (t) => {
  t.strictSame(read(chunkOf(1, 2)).ids, [1, 2])
})

t.test('a stale chunk header hides no record', async (t) => {
  const whole = chunkOf(1, 2, 3)
  const stale = Buffer.from(whole)
  const second = stale.indexOf('**\0\0', 513, 'latin1')
  stale.writeUInt32LE(second, 48)
  stale.writeBigUInt64LE(1n, 16)
  t.strictSame(read(evtxFile([stale])), { ...CLEAN, ids: [1, 2, 3], records: 3, chunks: 1 })
})

t.test('records that another log left behind the end are not ours', async (t) => {
  const chunk = chunkOf(7, 8, 2)
  const third = chunk.lastIndexOf('**\0\0')
  chunk.writeUInt32LE(third, 48)
  chunk.writeBigUInt64LE(2n, 16)
  t.strictSame(read(evtxFile([chunk])), { ...CLEAN, ids: [7, 8], records: 2, chunks: 1 })
})

t.test('a damaged record is counted and the next one is found', async (t) => {
  const chunk = chunkOf(1, 2, 3)
  const second = chunk.indexOf('**\0\0', 513, 'latin1')
  chunk.writeUInt32LE(0x7fff_ffff, second + 4)
  t.strictSame(read(evtxFile([chunk])), {
    ...CLEAN,
    ids: [1, 3],
    records: 2,
    missed: 1,
    chunks: 1,
  })
  const bad = chunkOf(1, 2, 3)
  // The offset of its template.
  bad.writeUInt32LE(0xffff_fff0, bad.indexOf('**\0\0', 513, 'latin1') + 34)
  t.match(read(evtxFile([bad])), { ids: [1, 3], records: 2, malformed: 1, missed: 0 })
})

t.test('a damaged chunk header is not believed', async (t) => {
  const chunk = chunkOf(1, 2)
  chunk.write('xxxxxxxx', 0, 'latin1')
  t.strictSame(read(evtxFile([chunk])), { ...CLEAN, ids: [1, 2], records: 2, chunks: 1 })
})

t.test('a file that ends in a chunk gives the records before its end', async (t) => {
  const chunk = chunkOf(1, 2, 3)
  const third = chunk.lastIndexOf('**\0\0')
  t.match(read(evtxFile([chunk.subarray(0, third + 9)])), { ids: [1, 2], missed: 1 })
})

t.test('a chunk that was erased but for its header is told', async (t) => {
  const chunk = chunkOf(1, 2)
  chunk.fill(0, 512)
  t.match(read(evtxFile([chunk])), { records: 0, badChunks: 1, missed: 2 })
  const unused = Buffer.alloc(1 << 16)
  t.match(read(evtxFile([chunkOf(1), unused])), { records: 1, badChunks: 0 })
})

t.test('what is no EVTX is refused', async (t) => {
  t.match(read(Buffer.from('#separator \\x09\n')).refusal, /does not begin/)
  t.match(read(Buffer.alloc(0)).refusal, /nothing in it/)
  t.ok(isEvtx(evtxFile([])))
  t.notOk(isEvtx(Buffer.from('ElfF')))
})

t.test('properties', async (t) => {
  const file = evtxFile([chunkOf(1, 2, 3, 4), chunkOf(5, 6)])
  const whole = read(file)
  const split = fc.property(fc.integer({ min: 1, max: 70_000 }), (bytes) => {
    t.strictSame(read(file, bytes), whole)
  })
  holds(t, 'any split of the bytes gives the same records', split, { numRuns: 30 })

  const flips = fc.array(fc.tuple(fc.nat(1600), fc.nat(255)), { minLength: 1, maxLength: 40 })
  const damaged = fc.property(flips, fc.nat(file.length), (changes, cut) => {
    const bytes = Buffer.from(file)
    for (const [at, value] of changes) bytes[4096 + (at < 128 ? at : at + 384)] = value
    const got = read(bytes.subarray(0, Math.max(cut, 5000)))
    return got.records === got.ids.length && got.records + got.malformed <= 64
  })
  holds(t, 'damage never throws, and is never read as more than there was', damaged)
})
