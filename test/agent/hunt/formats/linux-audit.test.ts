import t from 'tap'
import { linuxAudit } from '../../../../agent/hunt/formats/linux-audit.ts'
import { connectLines } from '../../../support/audit-lines.ts'
import { readFormat } from '../../../support/read-format.ts'

const AT = 1_700_000_000_000
const node = (name: string, lines: readonly string[]) => lines.map((line) => `node=${name} ${line}`)

t.test('records of several nodes are told apart, however they are mixed', async (t) => {
  const [a, b] = [node('web1', connectLines(AT, 1)), node('web2', connectLines(AT, 1, 9))]
  const mixed = a.flatMap((line, i) => [line, b[i] ?? ''])
  for (const pieceBytes of [1, 50, 10_000]) {
    const { events, counts } = readFormat(linuxAudit, mixed.join('\n'), { pieceBytes })
    t.match(
      events.toSorted((x, y) => x.host.localeCompare(y.host)),
      [
        { host: 'web1', event: { kind: 'connection', process: { pid: 8 } } },
        { host: 'web2', event: { kind: 'connection', process: { pid: 9 } } },
      ],
    )
    t.match(counts, { rows: 6, connections: 2, malformed: 0, missing: 0 })
  }
})

t.test('what is damaged is told with its line, what is missing by its number', async (t) => {
  const lines = [...connectLines(AT, 1), 'Lorem ipsum', '', ...connectLines(AT + 20_000, 5)]
  const { events, counts, faults } = readFormat(linuxAudit, lines.join('\n'), { pieceBytes: 5_000 })
  t.match(faults, [{ line: 4, reason: /no type=/ }])
  t.match(counts, { rows: 7, connections: 2, malformed: 1, missing: 3 })
  const kinds = events.map(({ host, event }) => `${host}${event.kind}`)
  t.strictSame(kinds.sort(), ['connection', 'connection', 'loss', 'loss'])
})
