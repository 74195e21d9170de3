import t from 'tap'
import {
  EventLogError,
  isAway,
  isGone,
  markText,
  parseMark,
  queryOf,
} from '../../../platform/windows/event-log.ts'

t.test('a query asks for ids, and for an age where one is given', async (t) => {
  t.equal(queryOf([1, 3]), '*[System[(EventID=1 or EventID=3)]]')
  const aged = '*[System[(EventID=106) and TimeCreated[timediff(@SystemTime) <= 60000]]]'
  t.equal(queryOf([106], 60_000), aged)
})

t.test('a mark reads back; anything else is none', async (t) => {
  const mark = { xml: "<BookmarkList><Bookmark Channel='Security'/></BookmarkList>", atMs: 17 }
  t.strictSame(parseMark(markText(mark)), mark)
  for (const text of [undefined, '', '{}', '[]', '["1","x"]', '<BookmarkList/>', '[1,2]']) {
    t.equal(parseMark(text), undefined, String(text))
  }
})

t.test('a bookmark whose record is gone has three errors', async (t) => {
  for (const code of [1168, 15_011, 15_012]) t.ok(isGone(new EventLogError('EvtNext', code)))
  t.notOk(isGone(new EventLogError('EvtNext', 5)))
  t.ok(isAway(new EventLogError('EvtNext', 5)))
  t.ok(isAway(new EventLogError('EvtNext', 15_007)))
  t.notOk(isAway(new EventLogError('EvtNext', 1722)))
  t.notOk(isGone(new Error('x')))
})
