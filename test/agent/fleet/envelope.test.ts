import { createHash, generateKeyPairSync, verify } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import {
  isSignedBy,
  keyId,
  newKeyPair,
  PAYLOAD_TYPE,
  readEnvelope,
  readPrivateKey,
  readPublicKey,
  signedEnvelope,
} from '../../../agent/fleet/envelope.ts'
import { holds } from '../../support/holds.ts'

function pair() {
  const { privatePem, publicText } = newKeyPair()
  const [secret, key] = [readPrivateKey(privatePem), readPublicKey(publicText)]
  if (!secret.ok || !key.ok) throw new Error('a new pair is read back')
  return { secret: secret.value, key: key.value, publicText }
}

function envelopeOf(text: string) {
  const read = readEnvelope(JSON.parse(text))
  if (!read?.ok) throw new Error(`no envelope: ${text}`)
  return read.value
}

const { secret, key, publicText } = pair()

t.test('what a key has signed is known to be its, and no other', async (t) => {
  const envelope = envelopeOf(signedEnvelope('{"a":1}', secret))
  t.equal(envelope.payload.toString(), '{"a":1}')
  t.ok(isSignedBy(envelope, [key]))
  t.ok(isSignedBy(envelope, [pair().key, key]), 'one of several keys is enough')
  t.notOk(isSignedBy(envelope, [pair().key]))
  t.notOk(isSignedBy(envelope, []))
})

t.test(
  'the signature is over what DSSE says, so that other tools can make and check it',
  async (t) => {
    // The form is that of the specification's own example, with our type and ed25519.
    const { payload, signatures } = JSON.parse(signedEnvelope('hello world', secret))
    t.equal(payload, 'aGVsbG8gd29ybGQ=')
    const message = `DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} 11 hello world`
    t.ok(verify(null, Buffer.from(message), key, Buffer.from(signatures[0].sig, 'base64')))
    const id = createHash('sha256').update(Buffer.from(publicText, 'base64')).digest('hex')
    t.equal(signatures[0].keyid, id.slice(0, 16))
    t.equal(keyId(key), id.slice(0, 16))
  },
)

t.test('any change of a byte is seen', async (t) => {
  const text = signedEnvelope('{"version":7}', secret)
  const changed = fc.property(fc.nat(12), fc.integer({ min: 1, max: 255 }), (at, by) => {
    const envelope = envelopeOf(text)
    envelope.payload[at] = (envelope.payload[at] ?? 0) ^ by
    return !isSignedBy(envelope, [key])
  })
  holds(t, 'payload', changed)
  const otherType = { ...envelopeOf(text), payloadType: 'application/vnd.other+json' }
  t.notOk(isSignedBy(otherType, [key]), 'type')
})

t.test('refuses what is no envelope of ours', async (t) => {
  t.equal(readEnvelope({ detect: {} }), undefined, 'a bare configuration is none at all')
  t.equal(readEnvelope('x'), undefined)
  t.match(readEnvelope({ payloadType: 'text/plain', payload: '' }), {
    ok: false,
    reason: /payloadType/,
  })
  t.match(readEnvelope({ payloadType: PAYLOAD_TYPE, payload: '!' }), {
    ok: false,
    reason: /base64/,
  })
  const badSig = { payloadType: PAYLOAD_TYPE, payload: '', signatures: [{ sig: 7 }] }
  t.match(readEnvelope(badSig), { ok: false, reason: /signature/ })
  const anything = fc.property(fc.jsonValue(), (value) => void readEnvelope(value))
  holds(t, 'never throws', anything)
  const shaped = fc.record({
    payloadType: fc.constant(PAYLOAD_TYPE),
    payload: fc.string(),
    signatures: fc.jsonValue(),
  })
  holds(
    t,
    'nor for one that looks alike',
    fc.property(shaped, (value) => void readEnvelope(value)),
  )
})

t.test('reads no key that is none', async (t) => {
  for (const text of ['', 'AAAA', `${publicText}A`, publicText.replace(/.$/, '!')]) {
    t.notOk(readPublicKey(text).ok, text)
  }
  t.match(readPrivateKey('no pem'), { ok: false, reason: /PEM/ })
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' })
  t.match(readPrivateKey(pem), { ok: false, reason: /ed25519/ })
})
