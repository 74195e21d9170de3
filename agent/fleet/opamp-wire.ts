/**
 * OpAMP's messages as bytes, on their way out and in: adds what the client has not (effective
 * configuration and health, each when it changed or all is asked for), and reads an answer before the
 * client does, since one that is no message would end the process there.
 */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import {
  AgentCapabilities,
  AgentToServerSchema,
  ComponentHealthSchema,
  EffectiveConfigSchema,
  type ServerToAgent,
  ServerToAgentSchema,
} from '@elastic/opamp-client-node/lib/generated/opamp_pb.js'
import { AgentError } from '../../platform/errors.ts'

export interface AgentNews {
  readonly health: { readonly word: string; readonly reasons: readonly string[] }
  readonly startedMs: number
  /** All settings in force, JSON; holds no secrets, which stand in files of their own. */
  readonly effectiveConfig: string
}

export interface OpampWire {
  /** @returns `arrived` is called when the server has taken it: it is not told again */
  outgoing(bytes: Uint8Array): { readonly bytes: Uint8Array; arrived(): void }
  /**
   * @returns the id that the server gives this agent instead of its own, if it does
   * @throws {AgentError} `ERR_FLEET` when it is no message
   */
  incoming(bytes: Uint8Array): string | undefined
}

const ADDED = BigInt(
  AgentCapabilities.AgentCapabilities_ReportsEffectiveConfig |
    AgentCapabilities.AgentCapabilities_ReportsHealth,
)
const NS_IN_MS = 1_000_000n

export function opampWire(news: () => AgentNews, now: () => number): OpampWire {
  let toldConfig: string | undefined
  let toldHealth: string | undefined
  return {
    outgoing(bytes) {
      const message = fromBinary(AgentToServerSchema, bytes)
      const { health, effectiveConfig, startedMs } = news()
      // A message with a description is one that tells all.
      const isFull = message.agentDescription !== undefined
      const healthText = [health.word, ...health.reasons].join('\n')
      message.capabilities |= ADDED
      if (isFull || healthText !== toldHealth) {
        message.health = create(ComponentHealthSchema, {
          ...{ healthy: health.word !== 'down', status: health.word },
          ...{ lastError: health.reasons.join('; ') },
          startTimeUnixNano: BigInt(startedMs) * NS_IN_MS,
          statusTimeUnixNano: BigInt(now()) * NS_IN_MS,
        })
      }
      if (isFull || effectiveConfig !== toldConfig) {
        const file = { body: Buffer.from(effectiveConfig), contentType: 'application/json' }
        message.effectiveConfig = create(EffectiveConfigSchema, {
          configMap: { configMap: { '': file } },
        })
      }
      return {
        bytes: toBinary(AgentToServerSchema, message),
        arrived() {
          toldHealth = healthText
          toldConfig = effectiveConfig
        },
      }
    },
    incoming(bytes) {
      let message: ServerToAgent
      try {
        message = fromBinary(ServerToAgentSchema, bytes)
      } catch (cause) {
        throw new AgentError('ERR_FLEET', 'the server answers something that is not OpAMP', {
          cause,
        })
      }
      const id = message.agentIdentification?.newInstanceUid
      return id?.length === 16 ? uuidOf(id) : undefined
    },
  }
}

const uuidOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
