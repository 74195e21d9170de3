import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { openFile } from '../../../agent/hunt/read-file.ts'
import type { Event } from '../../../platform/event.ts'
import { addressBook } from '../../../platform/recordings/zeek-reader.ts'
import { boolean, evtxChunk, evtxFile, text, uint32 } from '../../support/evtx-chunk.ts'
import { beats, connLog } from '../../support/zeek-log.ts'

const AT = Date.UTC(2024, 2, 1)
const flow = (id: number, initiated: boolean) => ({
  id,
  eventId: 3,
  atMs: AT + id * 1000,
  values: [
    uint32('ProcessId', 7),
    boolean('Initiated', initiated),
    text('Protocol', 'tcp'),
    text('DestinationIp', '203.0.113.9'),
    uint32('DestinationPort', 443),
  ],
})
const json = (id: number, rest: object) =>
  JSON.stringify({
    EventID: id,
    SourceName: 'Microsoft-Windows-Sysmon',
    Hostname: 'pc',
    TimeCreated: '2024-03-01T00:00:00Z',
    ...rest,
  })

async function read(path: string) {
  const events: [string, Event['kind']][] = []
  let connections = 0
  const sinks = {
    connection: () => connections++,
    name: () => {},
    event: (host: string, { kind }: Event) => events.push([host, kind]),
  }
  const file = openFile(path, { sinks, intern: addressBook(), timeZone: 'UTC' })
  while (await file.step());
  return { ...file.report, atMs: file.atMs, events, sunk: connections }
}

t.test('each format goes to its reader', async (t) => {
  const evtx = evtxFile([evtxChunk([flow(1, true), flow(2, false), flow(3, true)])])
  const lines = [json(5, { ProcessId: '4' }), json(11, {}), json(5, {}), '{"EventID":5,'].join('\n')
  const folder = t.testdir({
    'a.evtx': evtx,
    'b.evtx.gz': gzipSync(evtx),
    'c.json': lines,
    'd.log': connLog(beats(3, 600)),
    'e.txt': 'Lorem ipsum\n',
  })
  const flows = {
    counts: { rows: 3, connections: 2, names: 0, ignored: 1, malformed: 0 },
    events: [
      ['host & co', 'connection'],
      ['host & co', 'connection'],
    ],
    error: undefined,
  }
  t.match(await read(join(folder, 'a.evtx')), flows)
  t.match(await read(join(folder, 'b.evtx.gz')), flows)
  t.match(await read(join(folder, 'c.json')), {
    counts: { rows: 4, connections: 0, names: 0, ignored: 1, malformed: 2 },
    events: [['pc', 'process-end']],
    faults: [{ line: 4 }],
  })
  t.match(await read(join(folder, 'd.log')), { sunk: 3, events: [], counts: { rows: 3 } })
  t.match(await read(join(folder, 'e.txt')), {
    error: { message: /no recording of a kind/, remedy: /--help/ },
  })
})

t.test('what was lost of an EVTX file is counted', async (t) => {
  const chunk = evtxChunk([flow(1, true), flow(2, true), flow(3, true)])
  chunk.writeUInt32LE(0x7fff_ffff, chunk.indexOf('**\0\0', 513, 'latin1') + 4)
  const folder = t.testdir({ 'a.evtx': evtxFile([chunk]) })
  t.match(await read(join(folder, 'a.evtx')), {
    counts: { rows: 3, connections: 2, ignored: 0, malformed: 1 },
  })
})

t.test('a file that can not be read is told', async (t) => {
  const folder = t.testdir({ empty: '' })
  t.match(await read(join(folder, 'none')), { error: { message: /no such file/ } })
  t.match(await read(join(folder, 'empty')), { error: { message: /nothing in it/ } })
})
