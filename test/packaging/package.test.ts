import t from 'tap'
import { requestOf } from '../../packaging/package.ts'
import { TARGETS } from '../../packaging/targets.ts'

t.test('words choose what is built', async (t) => {
  t.same(requestOf([]).targets, TARGETS)
  t.match(requestOf(['linux-x64', '--version=9.9.9', '--dist=/tmp/x']), {
    targets: ['linux-x64'],
    version: '9.9.9',
    dist: '/tmp/x',
  })
  for (const word of ['linux', '--version=', '-x']) {
    t.throws(() => requestOf([word]), { code: 'ERR_USAGE' }, word)
  }
})
