import t from 'tap'
import { lockedPackage } from '../../packaging/npm-package.ts'
import { TARGETS, targetOf } from '../../packaging/targets.ts'

for (const name of TARGETS) {
  t.test(`${name}: what it is made of is in the lockfile, with a digest`, async (t) => {
    const { nodePackage, koffiPackage } = targetOf(name)
    t.equal(`v${lockedPackage(nodePackage).version}`, process.version, 'the Node that builds it')
    t.equal(lockedPackage(koffiPackage).version, lockedPackage('koffi').version)
  })
}

t.test('a package that is not in the lockfile is none', async (t) => {
  t.throws(() => lockedPackage('no-such-package'), { code: 'ERR_LOCKFILE' })
})
