/**
 * What a signed envelope says: a configuration, its version, until when it may be taken, and for which
 * hosts. Pure; the reader refuses what it does not know, since a target that is misread is a roll-out
 * to everyone.
 */
import * as z from 'zod'
import { messageOf } from '../../platform/errors.ts'
import { malformed, type Parsed, parsed } from '../../platform/parsed.ts'
import { isLabel } from '../config/label.ts'

const names = z.array(z.string().min(1).max(255)).min(1).max(1_000)

/** All that is given must hold; of a list, one entry. */
const target = z.strictObject({
  /** Globs of host names: `web-*`. */
  hosts: names.optional(),
  /** `name=value`, each of which the host must have under `local.labels`. */
  labels: z.array(z.string().refine(isLabel, 'must be name=value')).min(1).max(64).optional(),
  os: z
    .array(z.enum(['linux', 'windows', 'macos']))
    .min(1)
    .optional(),
  /** The first so many percent of hosts, by their instance id: a host in 10 is in 50 too. */
  percent: z.number().gt(0).max(100).optional(),
})

const bundle = z.strictObject({
  /** Grows with each change; a lower one than a host has seen is refused. */
  version: z.int().min(1).max(Number.MAX_SAFE_INTEGER),
  /** ISO 8601 with zone: not taken after. A host that has taken it keeps it. */
  expires: z.iso.datetime({ offset: true }),
  target: target.optional(),
  /** Settings as in the file, YAML. */
  config: z.string().max(512 * 1024),
})

export type Target = z.output<typeof target>
export type Bundle = z.output<typeof bundle>

/** @param payload UTF-8 JSON */
export function readBundle(payload: Buffer): Parsed<Bundle> {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))
  } catch (error) {
    return malformed(`its payload is no JSON (${messageOf(error)})`)
  }
  const result = bundle.safeParse(value)
  if (result.success) return parsed(result.data)
  const [issue] = result.error.issues
  return malformed(`its payload is no bundle: ${issue?.path.join('.') || 'all'}: ${issue?.message}`)
}
