import fc from 'fast-check'
import t from 'tap'
import { parsePasswd } from '../../../platform/linux/passwd.ts'
import { holds } from '../../support/holds.ts'

t.test('reads names, and the first of a uid wins', async (t) => {
  const text = [
    'root:x:0:0:root:/root:/bin/bash',
    'toor:x:0:0::/root:/bin/sh',
    '# a comment:x:5:5',
    '+nis:x:6:6',
    'cut:x',
    'odd:x:seven:7',
    'nobody:x:65534:65534::/:/usr/sbin/nologin',
  ].join('\n')
  t.strictSame(
    [...parsePasswd(text)],
    [
      ['0', 'root'],
      ['65534', 'nobody'],
    ],
  )
})

t.test('properties', async (t) => {
  const total = fc.property(fc.string({ unit: 'binary' }), (s) => void parsePasswd(s))
  holds(t, 'never throws', total)

  const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,30}$/)
  const users = fc.dictionary(fc.nat(100_000).map(String), name)
  const readsBack = fc.property(users, (byUid) => {
    const text = Object.entries(byUid).map(([uid, name]) => `${name}:x:${uid}:0::/:/bin/sh\n`)
    const names = parsePasswd(text.join(''))
    return Object.entries(byUid).every(([uid, name]) => names.get(uid) === name)
  })
  holds(t, 'reads back what is written', readsBack)
})
