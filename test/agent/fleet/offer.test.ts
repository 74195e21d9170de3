import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { type Judge, judgeKept, judgeOffer } from '../../../agent/fleet/offer.ts'
import { keysOf } from '../../../agent/fleet/standing.ts'
import { configOf, fleetKey, offerOf } from '../../support/fleet.ts'
import { holds } from '../../support/holds.ts'

const NOW_MS = Date.parse('2026-11-24T12:00:00Z')
const key = fleetKey()
const pinned = keysOf(configOf(`fleet: { publicKeys: [${key.publicText}] }`))
const config = 'detect: { minScore: 0.9 }'
const judge: Judge = {
  ...{ keys: pinned, nowMs: NOW_MS },
  host: { instanceId: randomUUID(), name: 'web-1', os: 'linux', labels: [] },
}
const envelope = (text: string) => JSON.parse(text)

t.test('takes what is signed, new, in time and for this host', async (t) => {
  const text = key.sign({ version: 7, config })
  t.match(judgeOffer(offerOf(text), judge), {
    kind: 'accepted',
    candidate: { version: 7, config, isSigned: true, text },
  })
})

for (const [what, text, reason] of [
  ['an unsigned configuration', config, /^unsigned: a key is pinned/],
  ['nothing at all', '', /^unsigned: holds nothing/],
  [
    'an envelope without a signature',
    JSON.stringify({ ...envelope(key.sign({ config })), signatures: [] }),
    /^unsigned: its envelope has no signature/,
  ],
  ['the signature of another key', fleetKey().sign({ config }), /not signed by a pinned key/],
  [
    'what was changed after it was signed',
    JSON.stringify({
      ...envelope(key.sign({ config })),
      payload: envelope(key.sign({ config: 'detect: { minScore: 1 }' })).payload,
    }),
    /not signed by a pinned key: .*changed since/,
  ],
  [
    'what has expired',
    key.sign({ version: 8, config, expires: '2026-11-24T11:59:59Z' }),
    /version 8 expired at 2026-11-24T11:59:59Z/,
  ],
  ['an older version than it had', key.sign({ version: 6, config }), /version 6 is older than 7/],
  ['the same version with other content', key.sign({ version: 7, config }), /version 7 was given/],
  ['a signed text that is no bundle', key.sign({ version: -1, config }), /no bundle: version/],
] as const) {
  t.test(`refuses ${what}, and says so`, async (t) => {
    const judgment = judgeOffer(offerOf(text), { ...judge, highestVersion: 7 })
    t.match(judgment, { kind: 'refused', reason })
  })
}

t.test('what is in force is neither too old nor expired', async (t) => {
  const text = key.sign({ version: 6, config, expires: '2020-01-01T00:00:00Z' })
  const kept = judgeKept(text, pinned)
  const knownDigests = [kept.ok ? kept.value.digest : undefined]
  t.match(judgeOffer(offerOf(text), { ...judge, highestVersion: 7, knownDigests }), {
    kind: 'accepted',
  })
})

t.test('of several bundles the newest that is for this host', async (t) => {
  const all = key.sign({ version: 7, config: 'detect: {}', expires: '2026-01-01T00:00:00Z' })
  const web = key.sign({ version: 9, config, target: { hosts: ['web-*'] } })
  const db = key.sign({ version: 10, config, target: { hosts: ['db-*'] } })
  t.match(judgeOffer(offerOf(`${all}\n${web}\n${db}\n`), judge), { candidate: { version: 9 } })
  t.match(judgeOffer(offerOf(all, web, db), judge), { candidate: { version: 9 } })
  t.strictSame(judgeOffer(offerOf(db), judge), { kind: 'not-for-us' })
  const stranger = fleetKey().sign({ version: 11, config })
  t.match(judgeOffer(offerOf(all, stranger), judge), { kind: 'refused' }, 'one bad makes all bad')
})

t.test('a server cannot make it check signatures without end', async (t) => {
  const one = key.sign({ config })
  const lines = Array.from({ length: 65 }, () => one).join('\n')
  t.match(judgeOffer(offerOf(lines), judge), { kind: 'refused', reason: /more than 64/ })
  const many = { ...envelope(one), signatures: Array.from({ length: 9 }, () => ({ sig: '' })) }
  t.match(judgeOffer(offerOf(JSON.stringify(many)), judge), { reason: /more than 8 signatures/ })
})

t.test('without a pinned key all is unsigned, whatever it claims', async (t) => {
  const open = { ...judge, keys: [] }
  t.match(judgeOffer(offerOf(config), open), { candidate: { isSigned: false, config } })
  const signed = key.sign({ version: 7, config })
  t.match(judgeOffer(offerOf(signed), open), { candidate: { isSigned: false, version: 7 } })
  t.match(judgeOffer(offerOf(''), open), { kind: 'refused', reason: /no configuration/ })
  t.match(judgeOffer(offerOf(config, 'log: {}'), open), { kind: 'refused', reason: /several/ })
})

t.test('what is on disk is checked by the keys of today', async (t) => {
  const text = key.sign({ version: 7, config })
  t.match(judgeKept(text, pinned), { ok: true, value: { config, isSigned: true } })
  t.match(judgeKept(text, keysOf(configOf(`fleet: { publicKeys: [${fleetKey().publicText}] }`))), {
    ok: false,
    reason: /not signed/,
  })
  t.match(judgeKept(config, pinned), { ok: false, reason: /unsigned/ })
})

t.test('no text whatever gets in without a signature', async (t) => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.constant('{"payloadType":1}'))
  const closed = fc.property(fc.array(text, { maxLength: 3 }), (texts) => {
    return judgeOffer(offerOf(...texts), judge).kind === 'refused'
  })
  holds(t, 'refused, and never thrown', closed)
})
