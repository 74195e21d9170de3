import fc from 'fast-check'
import t from 'tap'
import { parseLine, windowsLinesReader } from '../../../platform/recordings/windows-json-reader.ts'
import { holds } from '../../support/holds.ts'

const SYSMON = `<Event><System><Provider Name="Linux-Sysmon"/><EventID>1</EventID><TimeCreated SystemTime="2022-11-24T08:30:01.467399000Z"/></System><EventData><Data Name="ProcessId">3372</Data><Data Name="CommandLine">a#012b</Data></EventData></Event>`
const LINES = [
  '{"EventID":5,"TimeCreated":"2020-09-17T21:45:41Z","Image":"é"}',
  '',
  `Nov 24 08:30:01 web-1 sysmon: ${SYSMON}`,
  'Nov 24 08:30:02 web-1 sshd[6105]: Accepted password for ann',
  '{"EventID":5,"TimeCre',
  `Nov 24 08:30:03 web-1 sysmon: ${SYSMON.slice(0, SYSMON.indexOf('372<'))}`,
]
const BYTES = Buffer.from(LINES.join('\n'))

function read(bytes: Buffer, pieceBytes = bytes.length) {
  const ids: number[] = []
  const reader = windowsLinesReader(({ eventId }) => ids.push(eventId))
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    reader.push(bytes.subarray(at, at + pieceBytes))
  }
  reader.end()
  return { ids, counts: reader.counts, faults: reader.faults }
}

t.test('every line that is not empty is accounted for', async (t) => {
  t.strictSame(read(BYTES), {
    ids: [5, 1],
    counts: { rows: 5, records: 2, ignored: 1, malformed: 2 },
    faults: [
      { line: 5, reason: 'no JSON object: cut off?' },
      { line: 6, reason: 'XML without an end' },
    ],
  })
})

t.test('line feeds that syslog escaped come back', async (t) => {
  const result = parseLine(`x sysmon: ${SYSMON}`)
  t.equal(result?.ok && result.value.field('CommandLine'), 'a\nb')
})

t.test('a line that never ends is counted and passed over', async (t) => {
  const long = Buffer.concat([Buffer.alloc(3 << 20, 0x61), Buffer.from(`\n${LINES[0]}\n`)])
  t.match(read(long, 1 << 16), { ids: [5], counts: { rows: 2, malformed: 1 } })
})

t.test('properties', async (t) => {
  const whole = read(BYTES)
  const split = fc.property(fc.integer({ min: 1, max: BYTES.length }), (bytes) => {
    t.strictSame(read(BYTES, bytes), whole)
  })
  holds(t, 'any split of the bytes gives the same records', split)
})
