import { rmSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { userNames } from '../../../platform/linux/passwd-collector.ts'

t.test('names users, and follows the file', async (t) => {
  const file = `${t.testdir({ passwd: 'ada:x:1000:1000::/:/bin/sh\n' })}/passwd`
  const users = userNames(file)
  t.strictSame(users.userOf(1000), { id: '1000', name: 'ada' })
  t.strictSame(users.userOf('1001'), { id: '1001' }, 'an unknown user keeps the number')

  writeFileSync(file, 'ada:x:1000:1000::/:/bin/sh\ngrace:x:1001:1001::/:/bin/sh\n')
  users.refresh()
  t.strictSame(users.userOf('1001'), { id: '1001', name: 'grace' })

  rmSync(file)
  users.refresh()
  t.strictSame(
    users.userOf(1000),
    { id: '1000', name: 'ada' },
    'a file that is away changes nothing',
  )
})

t.test('without a file users have no names', async (t) => {
  t.strictSame(userNames('/nonexistent').userOf(0), { id: '0' })
})
