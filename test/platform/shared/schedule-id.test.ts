import t from 'tap'
import { lineId } from '../../../platform/shared/schedule-id.ts'

t.test('equal facts give equal names, in every file and at every start', async (t) => {
  const name = lineId('cron', ['/etc/crontab', 'root', '@daily', 'x'], new Set())
  t.equal(name, lineId('cron', ['/etc/crontab', 'root', '@daily', 'x'], new Set()))
  t.match(name, /^cron:[0-9a-f]{16}$/)
})

t.test('facts do not run into each other', async (t) => {
  t.not(lineId('cron', ['a', 'bc'], new Set()), lineId('cron', ['ab', 'c'], new Set()))
})

t.test('a second one in a file is numbered', async (t) => {
  const seen = new Set<string>()
  const names = [1, 2, 3].map(() => lineId('cron', ['a'], seen))
  t.strictSame(names, [names[0], `${names[0]}#2`, `${names[0]}#3`])
})
