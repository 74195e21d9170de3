import fc from 'fast-check'
import t from 'tap'
import { parseHostsFile } from '../../../platform/linux/hosts-file.ts'
import { holds } from '../../support/holds.ts'

t.test('reads names with their addresses, and leaves out the host itself', async (t) => {
  const text = [
    '127.0.0.1\tlocalhost',
    '127.0.1.1 box.example box',
    '::1 ip6-localhost ip6-loopback',
    'ff02::1 ip6-allnodes',
    '0.0.0.0 ads.example',
    '# 10.0.0.9 gone.example',
    '10.0.0.5   Backup.Example. backup # nightly',
    '2001:DB8::5 backup.example',
    '10.0.0.5 backup.example',
    'not-an-address name.example',
    '10.0.0.6',
  ].join('\n')
  t.strictSame(Object.fromEntries(parseHostsFile(text)), {
    'backup.example': ['10.0.0.5', '2001:db8::5'],
    backup: ['10.0.0.5'],
  })
})

t.test('properties', async (t) => {
  const total = fc.property(fc.string({ unit: 'binary' }), (s) => void parseHostsFile(s))
  holds(t, 'never throws', total)
})
