import { hash } from 'node:crypto'
import t from 'tap'
import { checkIntegrity } from '../../packaging/npm-package.ts'

const bytes = Buffer.from('the bytes that were reviewed')
const integrity = `sha512-${hash('sha512', bytes, 'base64')}`

t.test('only the bytes of the lockfile are taken', async (t) => {
  checkIntegrity('it', integrity, bytes)
  for (const [other, said] of [
    [Buffer.from('other bytes'), integrity],
    [bytes, integrity.slice(0, -4)],
    [bytes, `sha1-${hash('sha1', bytes, 'base64')}`],
    [bytes, ''],
  ] as const) {
    t.throws(() => checkIntegrity('it', said, other), { code: 'ERR_INTEGRITY' }, said)
  }
})
