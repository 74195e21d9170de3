import t from 'tap'
import { findingColumns } from '../../../agent/report/finding-columns.ts'
import { table } from '../../../agent/report/table.ts'
import { displayWidth } from '../../../agent/report/text.ts'
import { aFinding, NOW_MS } from '../../support/status.ts'

const columns = findingColumns(NOW_MS)

t.test('tells who sends what where, how often, and when again', async (t) => {
  const [titles, row] = table([aFinding], columns)
  t.match(titles, /^RISK +PERIOD +ACTOR +USER +DESTINATION +BEATS +SENT +LAST +NEXT +STATE +ID$/)
  t.match(row, /^ +83 +every 15 min +\/opt\/jobs\/collect\.sh +www-data +drop\.example\.net:443/)
  t.match(row, /42 +5\.0 MiB +3 min ago +in 12 min +alert +s1$/)
})

t.test(
  'bytes that nobody counted are a question mark, a beat that did not come is overdue',
  async (t) => {
    const { sentBytes: _, ...uncounted } = aFinding
    const [, row] = table([{ ...uncounted, nextMs: NOW_MS - 1 }], columns)
    t.match(row, / \? +3 min ago +overdue +alert +s1$/)
  },
)

t.test('fits a terminal of 80 columns, whatever a process calls itself', async (t) => {
  const actor = `/home/\u001b[31m${'x'.repeat(300)}`
  for (const line of table([aFinding, { ...aFinding, actor }], columns, { width: 80 })) {
    t.ok(displayWidth(line) <= 80, line)
    t.notMatch(line, '\u001b')
  }
})
