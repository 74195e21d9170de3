import t from 'tap'
import { evtx, windowsLines } from '../../../../agent/hunt/formats/windows.ts'
import { boolean, evtxChunk, evtxFile, text, uint32 } from '../../../support/evtx-chunk.ts'
import { readFormat } from '../../../support/read-format.ts'

const flow = {
  ...{ id: 1, eventId: 3, atMs: Date.UTC(2024, 2, 1) },
  values: [
    uint32('ProcessId', 7),
    boolean('Initiated', true),
    text('Protocol', 'tcp'),
    text('DestinationIp', '203.0.113.9'),
    uint32('DestinationPort', 443),
  ],
}

t.test('EVTX', async (t) => {
  const { events, counts, refusal } = readFormat(evtx, evtxFile([evtxChunk([flow])]))
  t.match(events, [{ host: 'host & co', event: { kind: 'connection' } }])
  t.match(counts, { rows: 1, connections: 1 })
  t.equal(refusal, undefined)
  t.match(readFormat(evtx, 'no EVTX file').refusal, /ElfFile/)
})

t.test('lines', async (t) => {
  const line = JSON.stringify({
    ...{ EventID: 5, SourceName: 'Microsoft-Windows-Sysmon', Hostname: 'pc', ProcessId: '4' },
    TimeCreated: '2024-03-01T00:00:00Z',
  })
  const { events, counts, faults } = readFormat(windowsLines, `${line}\n{"EventID":5,\n`)
  t.match(events, [{ host: 'pc', event: { kind: 'process-end' } }])
  t.match(counts, { rows: 2, malformed: 1 })
  t.match(faults, [{ line: 2 }])
})
