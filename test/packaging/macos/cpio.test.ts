import t from 'tap'
import { cpio } from '../../../packaging/macos/cpio.ts'

const entry = { path: './a', mode: 0o100_644, contents: Buffer.from('abc'), modifiedSeconds: 1 }

t.test('writes a member as the format has it, and the trailer', async (t) => {
  const text = cpio([entry]).toString('latin1')
  const header = '070707000000000001100644000000000000000001000000000000000010000040000000000'
  t.equal(text.slice(0, 83), `${header}3./a\0abc`)
  t.match(text.slice(83), /^070707000000000000.*TRAILER!!!\0$/)
})

t.test('what the format cannot say is an error', async (t) => {
  t.throws(() => cpio([{ ...entry, path: 'x'.repeat(0o777_777) }]), { message: /does not fit 6/ })
})
