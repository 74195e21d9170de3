import t from 'tap'
import type { Diagnosis } from '../../../agent/doctor/diagnosis.ts'
import { doctorView, fixLines } from '../../../agent/report/doctor-view.ts'

const ALL: readonly Diagnosis[] = [
  { name: 'rights', state: 'good', detail: 'root' },
  {
    ...{ name: 'byte counts', state: 'warning', detail: 'off', remedy: 'turn it on '.repeat(12) },
    fix: [{ kind: 'run', program: 'sysctl', args: ['-w', 'a=1'] }],
  },
  { name: 'auditd', state: 'failed', detail: 'hostile \u001b[2J', remedy: 'x' },
]

t.test('a line a need, the remedy below it, and how many', async (t) => {
  const lines = doctorView(ALL, { width: 80 })
  t.match(lines, ['ok    rights       root', 'warn  byte counts  off', /^ {19}→ turn it on/])
  t.match(lines.at(-1), '1 good, 1 to better, 1 failed; agent doctor --fix can cure 1')
  for (const line of lines) {
    t.ok(line.length <= 80, line)
    t.notMatch(line, /\p{Cc}/u)
  }
  t.strictSame(fixLines(ALL.slice(1, 2)), ['byte counts:', '  sysctl -w a=1'])
})
