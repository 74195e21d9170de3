import { execFileSync } from 'node:child_process'
import t from 'tap'
import { cksum } from '../../../packaging/macos/cksum.ts'

for (const [what, bytes] of [
  ['nothing', Buffer.alloc(0)],
  ['a line', Buffer.from('a line\n')],
  [
    'every byte, more than 65,535 of them',
    Buffer.alloc(70_000, Buffer.from([...Array(256).keys()])),
  ],
] as const) {
  t.test(`${what}: as the system's own cksum has it`, async (t) => {
    const theirs = execFileSync('cksum', { input: bytes, encoding: 'utf8' })
    t.equal(`${cksum(bytes)} ${bytes.length}\n`, theirs)
  })
}
