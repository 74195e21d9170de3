/**
 * Judges what a fleet's server offers: whether it is signed by a pinned key, new, in time, and for this
 * host. Pure, and the only way for a configuration from outside into the agent: the same function
 * judges what is on disk at a start.
 */
import { createHash, type KeyObject } from 'node:crypto'
import { malformed, type Parsed, parsed } from '../../platform/parsed.ts'
import { type Bundle, readBundle } from './bundle.ts'
import { type Envelope, isSignedBy, readEnvelope } from './envelope.ts'
import { type HostTraits, isMeant } from './target.ts'

/** Of one offer; a configuration is a few KiB. */
export const MAX_OFFER_BYTES = 2 ** 20

/** Each costs a signature. */
const MAX_PARTS = 64

export interface Offer {
  /** The server's own name of it, hex. */
  readonly hash: string
  /** Each an envelope, several envelopes (one a line), or a bare configuration. */
  readonly texts: readonly string[]
}

/** A configuration that may be applied. */
export interface Candidate {
  /** The one envelope or bare configuration that it is from. */
  readonly text: string
  readonly digest: string
  /** Only of a bundle. */
  readonly version?: number
  /** YAML. */
  readonly config: string
  /** By a pinned key; without, it may change little (`layers.ts`). */
  readonly isSigned: boolean
}

export type Judgment =
  | { readonly kind: 'accepted'; readonly candidate: Candidate }
  /** Signed well, and for other hosts. */
  | { readonly kind: 'not-for-us' }
  | { readonly kind: 'refused'; readonly reason: string }

export interface Judge {
  /** Pinned; empty where none is. */
  readonly keys: readonly KeyObject[]
  readonly host: HostTraits
  readonly nowMs: number
  /** What this host has taken so far. */
  readonly highestVersion?: number | undefined
  /** Of what was judged before: it is neither old nor expired. */
  readonly knownDigests?: readonly (string | undefined)[]
}

/** The newest of what is for this host. One part that is bad makes all of it bad. */
export function judgeOffer(offer: Offer, judge: Judge): Judgment {
  const parts = offer.texts.flatMap(partsOf)
  const found: Part[] = []
  if (parts.length === 0) return refused(nothing(judge))
  if (parts.length > MAX_PARTS) return refused(`holds more than ${MAX_PARTS} bundles`)
  for (const part of parts) {
    const read = readPart(part, judge)
    if (!read.ok) return refused(read.reason)
    if (read.value !== undefined) found.push(read.value)
  }
  const bare = found.filter(({ version }) => version === undefined)
  if (bare.length > 1) return refused('holds several configurations without a version: send one')
  const [newest] = found.toSorted((a, b) => (b.version ?? 0) - (a.version ?? 0))
  if (newest === undefined) return { kind: 'not-for-us' }
  const { expires: _, target: __, ...candidate } = newest
  const isKnown = judge.knownDigests?.includes(candidate.digest) === true
  const problem = isKnown ? undefined : staleness(newest, judge)
  return problem === undefined ? { kind: 'accepted', candidate } : refused(problem)
}

function staleness(
  { version, expires }: Part,
  { highestVersion, nowMs }: Judge,
): string | undefined {
  if (version === undefined || expires === undefined) return undefined
  if (Date.parse(expires) <= nowMs) return `version ${version} expired at ${expires}`
  if (highestVersion === undefined || version > highestVersion) return undefined
  return version < highestVersion
    ? `version ${version} is older than ${highestVersion}, which this host has had`
    : `version ${version} was given to another configuration: raise it`
}

/** What is kept on disk: its signature is checked again, its age is not. */
export const judgeKept = (text: string, keys: readonly KeyObject[]): Parsed<Part> => {
  const read = readPart(text, { keys })
  if (!read.ok) return read
  return read.value === undefined ? malformed('is empty') : parsed(read.value)
}

/** As it was read, before anything was compared. */
type Part = Candidate & Partial<Pick<Bundle, 'expires' | 'target'>>

const refused = (reason: string): Judgment => ({ kind: 'refused', reason })

const nothing = ({ keys }: Judge): string =>
  keys.length === 0 ? 'holds no configuration' : 'unsigned: holds nothing, and a key is pinned'

/** A text with several envelopes has one a line. */
function partsOf(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const isList = lines.length > 0 && lines.every((line) => isEnvelopeText(line))
  if (isList) return lines
  return lines.length === 0 ? [] : [text]
}

const isEnvelopeText = (text: string): boolean => envelopeOf(text) !== undefined

function envelopeOf(text: string): Parsed<Envelope> | undefined {
  try {
    return readEnvelope(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** @returns `undefined` where it is for other hosts */
function readPart(
  text: string,
  { keys, host }: Pick<Judge, 'keys'> & Partial<Judge>,
): Parsed<Part | undefined> {
  const digest = createHash('sha256').update(text).digest('hex')
  const envelope = envelopeOf(text)
  if (envelope === undefined) {
    if (keys.length > 0) return malformed('unsigned: a key is pinned, and no signature is there')
    return parsed({ text, digest, config: text, isSigned: false })
  }
  if (!envelope.ok) return envelope
  const { signatures, payload } = envelope.value
  const isSigned = keys.length > 0
  if (isSigned && signatures.length === 0)
    return malformed('unsigned: its envelope has no signature')
  if (isSigned && !isSignedBy(envelope.value, keys)) {
    return malformed('not signed by a pinned key: signed by another one, or changed since')
  }
  const bundle = readBundle(payload)
  if (!bundle.ok) return bundle
  const { version, expires, target, config } = bundle.value
  if (host !== undefined && !isMeant(target, host)) return parsed(undefined)
  return parsed({ text, digest, version, config, isSigned, expires, target })
}
