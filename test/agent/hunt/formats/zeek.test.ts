import t from 'tap'
import { zeek } from '../../../../agent/hunt/formats/zeek.ts'
import { readFormat } from '../../../support/read-format.ts'
import { beats, connLog } from '../../../support/zeek-log.ts'

t.test('connections of a network', async (t) => {
  const { connections, events, counts } = readFormat(zeek, connLog(beats(3, 600)))
  t.equal(connections.length, 3)
  t.equal(events.length, 0)
  t.match(counts, { rows: 3, connections: 3 })
  t.match(readFormat(zeek, 'Lorem ipsum\n').refusal, /no Zeek log/)
})
