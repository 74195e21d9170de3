/**
 * The signed envelope of a fleet's configuration: DSSE (Dead Simple Signing Envelope), which in-toto
 * and Sigstore use too, with ed25519. What is signed is the payload together with its type, so that a
 * signature for something else is worth nothing here. Pure; bad input is a value.
 * @see https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { malformed, type Parsed, parsed } from '../../platform/parsed.ts'

export const PAYLOAD_TYPE = 'application/vnd.tidewatch.fleet+json'

export interface Envelope {
  readonly payloadType: string
  readonly payload: Buffer
  readonly signatures: readonly Buffer[]
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/
const KEY_BYTES = 32
/** While a key is replaced there are two; each costs a verification. */
const MAX_SIGNATURES = 8

/** @param value of JSON; `undefined` where it is no envelope at all, but something unsigned */
export function readEnvelope(value: unknown): Parsed<Envelope> | undefined {
  if (typeof value !== 'object' || value === null || !('payloadType' in value)) return undefined
  const { payloadType, payload, signatures } = value as Readonly<Record<string, unknown>>
  const body = fromBase64(payload)
  if (payloadType !== PAYLOAD_TYPE) return malformed(`its payloadType is not ${PAYLOAD_TYPE}`)
  if (body === undefined) return malformed('its payload is no base64')
  if (Array.isArray(signatures) && signatures.length > MAX_SIGNATURES) {
    return malformed(`it has more than ${MAX_SIGNATURES} signatures`)
  }
  const sigs = (Array.isArray(signatures) ? signatures : []).map((it) => fromBase64(it?.sig))
  if (sigs.some((sig) => sig === undefined)) return malformed('a signature is no base64')
  return parsed({ payloadType, payload: body, signatures: sigs as Buffer[] })
}

function fromBase64(text: unknown): Buffer | undefined {
  return typeof text === 'string' && BASE64.test(text) ? Buffer.from(text, 'base64') : undefined
}

/** Whether one of the keys has signed it. */
export const isSignedBy = (
  { payloadType, payload, signatures }: Envelope,
  keys: readonly KeyObject[],
): boolean => {
  const message = preAuthentication(payloadType, payload)
  return keys.some((key) => signatures.some((sig) => verify(null, message, key, sig)))
}

/** The envelope as JSON, on one line: a file may hold several. */
export function signedEnvelope(payload: string, privateKey: KeyObject): string {
  const body = Buffer.from(payload)
  const sig = sign(null, preAuthentication(PAYLOAD_TYPE, body), privateKey).toString('base64')
  const keyid = keyId(createPublicKey(privateKey))
  return JSON.stringify({
    ...{ payloadType: PAYLOAD_TYPE, payload: body.toString('base64') },
    signatures: [{ keyid, sig }],
  })
}

function preAuthentication(type: string, body: Buffer): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(type)} ${type} ${body.length} `
  return Buffer.concat([Buffer.from(head), body])
}

/** @returns the private key as PEM (PKCS #8), and the public one as it is pinned */
export function newKeyPair(): { readonly privatePem: string; readonly publicText: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const privatePem = privateKey.export({ type: 'pkcs8', format: 'pem' })
  return { privatePem, publicText: publicKeyText(publicKey) }
}

/** The 32 bytes of a public key in base64: what `fleet.publicKeys` takes. */
export const publicKeyText = (key: KeyObject): string => rawOf(key).toString('base64')

/** Names a key for people: the first 16 hex digits of its SHA-256. */
export const keyId = (key: KeyObject): string =>
  createHash('sha256').update(rawOf(key)).digest('hex').slice(0, 16)

const rawOf = (key: KeyObject): Buffer =>
  Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url')

export function readPublicKey(text: string): Parsed<KeyObject> {
  const raw = Buffer.from(text, 'base64')
  if (!BASE64.test(text) || raw.length !== KEY_BYTES) return malformed('is no ed25519 public key')
  const x = raw.toString('base64url')
  return parsed(createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }))
}

export function readPrivateKey(pem: string): Parsed<KeyObject> {
  try {
    const key = createPrivateKey(pem)
    return key.asymmetricKeyType === 'ed25519' ? parsed(key) : malformed('is no ed25519 key')
  } catch {
    return malformed('is no private key in PEM')
  }
}
