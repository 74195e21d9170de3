/** Keys, bundles and offers of a fleet, for tests. */
import { createHash } from 'node:crypto'
import type { Config } from '../../agent/config/config.ts'
import { parseConfig } from '../../agent/config/parse.ts'
import type { Bundle } from '../../agent/fleet/bundle.ts'
import { newKeyPair, readPrivateKey, signedEnvelope } from '../../agent/fleet/envelope.ts'
import type { Offer } from '../../agent/fleet/offer.ts'
import type { FilePart } from '../../agent/fleet/standing.ts'

export interface FleetKey {
  /** As it is pinned. */
  readonly publicText: string
  /** An envelope, one line. */
  sign(bundle: Partial<Bundle> & { readonly config: string }): string
}

/** @param expires of its bundles, unless they say otherwise */
export function fleetKey(expires = '2100-01-01T00:00:00Z'): FleetKey {
  const { privatePem, publicText } = newKeyPair()
  const key = readPrivateKey(privatePem)
  if (!key.ok) throw new Error(key.reason)
  return {
    publicText,
    sign: (bundle) => signedEnvelope(JSON.stringify({ version: 1, expires, ...bundle }), key.value),
  }
}

export const offerOf = (...texts: readonly string[]): Offer => ({
  hash: createHash('sha256').update(texts.join('\n')).digest('hex'),
  texts,
})

/** A host's own file. @throws where it is no good one */
export function filePart(text: string): FilePart {
  const result = parseConfig(text)
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  return { text, config: result.config, effective: result.effective }
}

export const configOf = (text = ''): Config => filePart(text).config
