/**
 * Every EVTX recording, record for record and field for field beside what libevtx reads in it.
 *
 * Where the two differ, and why:
 * - text: the reference has no white space around it and line feeds alone; we keep what was written
 * - hexadecimal: libevtx pads with zeros (`0x00000000000003e5`), Windows does not (`0x3e5`)
 * - elements without a text and a name (`Data`, `Binary` of classic events): the reference leaves
 *   them out; we give an empty text
 * - sample_with_a_bad_chunk_magic: we read 31 more records, of a chunk whose header is all zeros and
 *   whose templates are still there; the reference has none of that chunk
 * - issue_201: libevtx can't read its only record, whose elements have no dependency identifier
 */
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import t from 'tap'
import { evtxReader } from '../../../platform/recordings/evtx-reader.ts'
import { holds } from '../../support/holds.ts'
import { recording, withoutRecordings } from '../../support/recordings.ts'

type Fields = readonly (readonly [string, string])[]

interface Reference {
  readonly file: string
  readonly rid: number
  readonly eid: number
  readonly channel: string
  readonly provider: string
  readonly time: string
  readonly computer: string
  readonly data: Fields
}

/** What both sides can be held to. */
interface Row {
  readonly recordId: number
  readonly eventId: number
  readonly channel: string
  readonly provider: string
  readonly computer: string | undefined
  readonly createdMs: number
  readonly data: Fields
}

const MORE = new Map([
  ['sample_with_a_bad_chunk_magic.evtx', 31],
  ['issue_201.evtx', 1],
])
/** Records that their own chunk tells of, and that are not there or have lost their template. */
const LOST = new Map([['sample_with_a_bad_chunk_magic.evtx', { malformed: 82, missed: 169 }]])

const alike = (text: string): string =>
  text
    .replaceAll('\r\n', '\n')
    .trim()
    .replace(/^0x0+(?=[0-9a-f])/, '0x')

const comparable = (data: Fields): Fields =>
  data
    .map(([name, text]) => [name, alike(text)] as const)
    .filter(([name, text]) => text !== '' || (name !== 'Data' && name !== 'Binary'))

function readRows(path: string) {
  const rows: Row[] = []
  const reader = evtxReader((record) => {
    const { recordId, eventId, channel, provider, computer, createdMs } = record
    const data = comparable(record.fields())
    rows.push({ recordId, eventId, channel, provider, computer, createdMs, data })
  })
  reader.push(readFileSync(path))
  reader.end()
  return { rows, ...reader.counts, refusal: reader.refusal }
}

function referenceRows(set: string): Map<string, Row[]> {
  const path = recording(`windows-evtx-reference/${set}.libevtx.ndjson.gz`)
  const files = new Map<string, Row[]>()
  for (const line of gunzipSync(readFileSync(path)).toString().trimEnd().split('\n')) {
    const { file, rid, eid, channel, provider, computer, time, data } = JSON.parse(
      line,
    ) as Reference
    const rows = files.get(file) ?? []
    files.set(file, rows)
    const createdMs = Date.parse(`${time.slice(0, 23)}Z`)
    rows.push({
      recordId: rid,
      eventId: eid,
      channel,
      provider,
      computer,
      createdMs,
      data: comparable(data),
    })
  }
  return files
}

const sets = withoutRecordings ? [] : globSync(join(recording('windows-evtx'), '*'))

t.test('recordings', { skip: withoutRecordings }, async (t) => {
  let compared = 0
  for (const folder of sets) {
    const reference = referenceRows(basename(folder))
    for (const path of globSync(join(folder, '**/*.evtx'))) {
      const file = path.slice(folder.length + 1)
      const wanted = reference.get(file) ?? []
      const got = readRows(path)
      const lost = LOST.get(file) ?? { malformed: 0, missed: 0 }
      t.match(got, { refusal: undefined, badChunks: 0, ...lost }, `${file} opens`)
      t.equal(got.rows.length, wanted.length + (MORE.get(file) ?? 0), `${file}: all records`)
      const ids = new Set(wanted.map(({ recordId }) => recordId))
      const same = got.rows.filter(({ recordId }) => ids.has(recordId))
      t.strictSame(same, wanted, `${file}: the same records`)
      compared += wanted.length
      reference.delete(file)
    }
    t.strictSame([...reference.keys()], [], `${basename(folder)}: no file is left out`)
  }
  t.equal(compared, 7683)
})

t.test('a record that libevtx refuses', { skip: withoutRecordings }, async (t) => {
  const path = recording('windows-evtx/omerbenamram-evtx-edge/issue_201.evtx')
  const [row] = readRows(path).rows
  t.match(row, { eventId: 1, channel: 'MSExchange Management', provider: 'MSExchange CmdletLogs' })
  t.strictSame(row?.data[0], ['Data', 'Set-Mailbox'])
})

t.test('damaged recordings', { skip: withoutRecordings }, async (t) => {
  const path = recording('windows-evtx/elastic-beats-winlogbeat/sysmon-9.01.evtx')
  const whole = readFileSync(path)
  const flips = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(7)), {
    minLength: 1,
    maxLength: 400,
  })
  const damaged = fc.property(flips, fc.nat(whole.length), (changes, cut) => {
    const bytes = Buffer.from(whole)
    for (const [at, bit] of changes) bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
    let handed = 0
    const reader = evtxReader((record) => {
      record.fields()
      handed++
    })
    reader.push(bytes.subarray(0, cut))
    reader.push(bytes.subarray(cut))
    reader.end()
    return reader.refusal !== undefined || handed === reader.counts.records
  })
  holds(t, 'flipped bits never throw', damaged, { numRuns: 150 })

  const cut = fc.property(fc.integer({ min: 8, max: whole.length }), (end) => {
    const ids: number[] = []
    const reader = evtxReader((record) => ids.push(record.recordId))
    reader.push(whole.subarray(0, end))
    reader.end()
    return ids.length <= 32 && ids.every((id, i) => i === 0 || id > (ids[i - 1] ?? 0))
  })
  holds(t, 'a file that is cut off gives its first records', cut, { numRuns: 60 })
})
