import t from 'tap'
import { formatOf } from '../../../agent/hunt/recorded-format.ts'
import { evtxChunk, evtxFile } from '../../support/evtx-chunk.ts'

t.test('a file is told by its first bytes', async (t) => {
  const event = '<Event xmlns="x"><System><EventID>1</EventID></System></Event>'
  const cases = {
    '#separator \\x09': 'zeek',
    '{"ts":1.5,"id.orig_h":"10.0.0.1"}': 'zeek',
    '{"Channel":"Security","EventID":5156}': 'windows-lines',
    '\uFEFF {"winlog":{"event_id":"3"}}': 'windows-lines',
    '{"event_data":{},"event_id":3}': 'windows-lines',
    '{"Event":{"System":{"EventID":"3"}}}': 'windows-lines',
    [`Nov 24 08:30:00 a sshd: x\nNov 24 08:30:01 a sysmon: ${event}`]: 'windows-lines',
    '<EventConsumer>': 'zeek',
    '': 'zeek',
  }
  for (const [text, format] of Object.entries(cases)) {
    t.equal(formatOf(Buffer.from(text)), format, text.slice(0, 40))
  }
  t.equal(formatOf(evtxFile([])), 'evtx')
  t.equal(formatOf(evtxChunk([])), 'evtx')
})

t.test('only the first record is looked at', async (t) => {
  const lines = '{"ts":1,"id.orig_h":"10.0.0.1"}\n{"EventID":1}'
  t.equal(formatOf(Buffer.from(lines)), 'zeek')
})
