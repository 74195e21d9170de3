import t from 'tap'
import { readBundle } from '../../../agent/fleet/bundle.ts'

const read = (value: unknown) => readBundle(Buffer.from(JSON.stringify(value)))
const good = { version: 7, expires: '2026-12-31T00:00:00Z', config: 'detect: {}' }

t.test('reads a bundle', async (t) => {
  t.strictSame(read(good), { ok: true, value: good })
  const target = { hosts: ['web-*'], labels: ['env=prod'], os: ['linux'], percent: 10 }
  t.strictSame(read({ ...good, target }), { ok: true, value: { ...good, target } })
})

for (const [what, change, reason] of [
  ['no version', { version: undefined }, /version/],
  ['a version that is none', { version: 1.5 }, /version/],
  ['a time without a zone', { expires: '2026-12-31T00:00:00' }, /expires/],
  ['an unknown key', { more: 1 }, /more/],
  ['a target that it does not know', { target: { host: ['web-1'] } }, /target/],
  ['an empty target list, which would be nobody', { target: { hosts: [] } }, /target\.hosts/],
  ['a label without a value', { target: { labels: ['prod'] } }, /name=value/],
  ['no percent at all', { target: { percent: 0 } }, /percent/],
] as const) {
  t.test(`refuses ${what}`, async (t) => {
    t.match(read({ ...good, ...change }), { ok: false, reason })
  })
}

t.test('refuses what is no JSON', async (t) => {
  t.match(readBundle(Buffer.from('{')), { ok: false, reason: /no JSON/ })
  t.match(readBundle(Buffer.from([0xff])), { ok: false, reason: /no JSON/ })
})
