import { stripVTControlCharacters } from 'node:util'
import t from 'tap'
import { type Column, table } from '../../../agent/report/table.ts'
import { painted } from '../../../agent/report/text.ts'

interface Row {
  readonly name: string
  readonly count: number
}
const columns: readonly Column<Row>[] = [
  { title: 'NAME', cell: (row) => row.name, shrink: { to: 5, cut: 'middle' } },
  { title: 'COUNT', cell: (row) => String(row.count), align: 'right' },
]

t.test('aligns columns', async (t) => {
  const rows = [
    { name: 'a', count: 1 },
    { name: 'größe', count: 1_000 },
  ]
  t.strictSame(table(rows, columns), ['NAME   COUNT', 'a          1', 'größe   1000'])
})

t.test('shortens only what may be shortened', async (t) => {
  const rows = [{ name: '/opt/jobs/backup.sh', count: 7 }]
  t.strictSame(table(rows, columns, { width: 16 }), ['NAME       COUNT', '/opt…p.sh      7'])
  t.strictSame(table(rows, columns, { width: 3 }), ['NAME   COUNT', '/o…sh      7'])
})

t.test('a name cannot break the lines or reach the terminal', async (t) => {
  const lines = table([{ name: 'x\n\u001b[2Jy', count: 0 }], columns)
  t.equal(lines.length, 2)
  t.match(lines[1], 'x\\n\\x1b[2Jy      0')
})

t.test('color goes around a cell, and is no part of its width', async (t) => {
  const red: readonly Column<Row>[] = columns.map((column) => ({ ...column, style: () => 'red' }))
  const [, line = ''] = table([{ name: 'a', count: 1 }], red, { paint: painted })
  t.match(line, '\u001b[31m')
  t.equal(stripVTControlCharacters(line), 'a         1')
})

t.test('what can be spared is left out where the width does not do', async (t) => {
  const more: readonly Column<Row>[] = [
    ...columns,
    { title: 'NOTE', cell: () => 'note', isOptional: true },
  ]
  const rows = [{ name: '/opt/jobs/backup.sh', count: 7 }]
  t.equal(table(rows, more, { width: 18 })[0], 'NAME   COUNT  NOTE')
  t.equal(table(rows, more, { width: 17 })[0], 'NAME        COUNT')
})
