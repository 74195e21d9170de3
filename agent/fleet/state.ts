/**
 * What a host keeps of its fleet, in one file beside the database: who it is, which configuration is in
 * force, which one it can fall back to, and what became of the last offer. The file is written whole
 * and then renamed, so that a power cut leaves the old one or the new one.
 */
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { AgentError, codeOf, faultOf } from '../../platform/errors.ts'

/** A configuration as the server sent it: a signature in it is checked again at each start. */
const kept = z.object({
  text: z.string(),
  /** The server's own name of it, hex; goes back with its status. */
  offerHash: z.string(),
  /** SHA-256 of `text`, hex. */
  digest: z.string(),
  version: z.int().optional(),
  source: z.string(),
  atMs: z.number(),
})

const result = z.object({
  state: z.enum(['applying', 'applied', 'failed']),
  offerHash: z.string(),
  digest: z.string(),
  version: z.int().optional(),
  message: z.string().optional(),
  atMs: z.number(),
})

const state = z.object({
  instanceId: z.uuid(),
  /** Of all that this host has ever taken: no lower one is taken again. */
  highestVersion: z.int().optional(),
  /** Ran well for the whole of its trial. */
  good: kept.optional(),
  /** In force, and not yet found good. `starts` counts those that no orderly stop has followed. */
  trial: kept.extend({ starts: z.int() }).optional(),
  /** Digest of what did not run well: not tried again. */
  failedDigest: z.string().optional(),
  result: result.optional(),
})

export type Kept = Readonly<z.output<typeof kept>>
export type FleetState = Readonly<z.output<typeof state>>

export interface StateFile {
  /** What is in force: on trial, else the last that was good. */
  load(): FleetState | undefined
  /** @throws {AgentError} `ERR_FLEET` when it cannot be written */
  save(state: FleetState): void
}

const FILE = 'fleet.json'

export function stateFile(dataDir: string): StateFile {
  const path = join(dataDir, FILE)
  return {
    load: () => readState(path),
    save(value) {
      try {
        mkdirSync(dataDir, { recursive: true, mode: 0o700 })
        const next = `${path}.new`
        const file = openSync(next, 'w', 0o600)
        try {
          writeSync(file, `${JSON.stringify(value, undefined, 2)}\n`)
          fsyncSync(file)
        } finally {
          closeSync(file)
        }
        renameSync(next, path)
      } catch (cause) {
        throw new AgentError('ERR_FLEET', `${path}: ${faultOf(cause)}`, {
          cause,
          remedy: 'the agent must be able to write in its data folder',
        })
      }
    },
  }
}

/** `undefined` where there is none. A damaged one counts as none: the host then has a new id. */
function readState(path: string): FleetState | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined
    throw new AgentError('ERR_FLEET', `${path}: ${faultOf(cause)}`, {
      cause,
      remedy: "read it as the agent's user (sudo)",
    })
  }
  try {
    return state.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** UUID version 7 (RFC 9562): OpAMP wants 16 bytes that are unique, and recommends this form. */
export function newInstanceId(nowMs: number, random: () => Buffer = () => randomBytes(10)): string {
  const bytes = Buffer.concat([Buffer.alloc(6), random()])
  bytes.writeUIntBE(nowMs, 0, 6)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** What is in force by what the state says; `undefined` where the fleet has given nothing yet. */
export const inForce = (state: FleetState | undefined): Kept | undefined =>
  state?.trial ?? state?.good
