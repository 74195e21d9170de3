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
  t.same(requestOf(['deb']).targets, ['linux-x64', 'linux-arm64'], 'those that have it')
  t.same(requestOf(['deb', 'linux-arm64']), { ...requestOf(['deb']), targets: ['linux-arm64'] })
  t.same(requestOf(['executable']).forms, [])
  for (const word of ['linux', '--version=', '-x']) {
    t.throws(() => requestOf([word]), { code: 'ERR_USAGE' }, word)
  }
})
