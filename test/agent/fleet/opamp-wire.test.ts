import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import {
  AgentDescriptionSchema,
  AgentToServerSchema,
  ServerToAgentSchema,
} from '@elastic/opamp-client-node/lib/generated/opamp_pb.js'
import t from 'tap'
import { type AgentNews, opampWire } from '../../../agent/fleet/opamp-wire.ts'

const NOW_MS = 1_793_577_600_000
const full = toBinary(
  AgentToServerSchema,
  create(AgentToServerSchema, { agentDescription: create(AgentDescriptionSchema, {}) }),
)
const heartbeat = toBinary(AgentToServerSchema, create(AgentToServerSchema, { sequenceNum: 7n }))
let news: AgentNews = {
  health: { word: 'degraded', reasons: ['lost: linux.audit'] },
  ...{ startedMs: NOW_MS - 1_000, effectiveConfig: '{"a":1}' },
}
const wire = opampWire(
  () => news,
  () => NOW_MS,
)
const sent = (bytes: Uint8Array) => {
  const outgoing = wire.outgoing(bytes)
  return { ...outgoing, message: fromBinary(AgentToServerSchema, outgoing.bytes) }
}

t.test(
  'health and effective configuration go with all that is told, and when they change',
  async (t) => {
    const first = sent(full)
    t.match(first.message.health, {
      ...{ healthy: true, status: 'degraded', lastError: 'lost: linux.audit' },
      startTimeUnixNano: BigInt(NOW_MS - 1_000) * 1_000_000n,
    })
    const file = first.message.effectiveConfig?.configMap?.configMap['']
    t.equal(Buffer.from(file?.body ?? []).toString(), '{"a":1}')
    t.equal(first.message.capabilities, 0x804n, 'and are said to come')
    t.ok(sent(heartbeat).message.health, 'what did not arrive is told again')
    first.arrived()
    const quiet = sent(heartbeat)
    t.equal(quiet.message.sequenceNum, 7n)
    t.equal(quiet.message.health, undefined)
    t.equal(quiet.message.effectiveConfig, undefined)
    t.ok(quiet.bytes.length < 10, 'a heartbeat is a few bytes')
    news = { ...news, health: { word: 'down', reasons: ['no collector runs'] } }
    const changed = sent(heartbeat)
    t.match(changed.message.health, { healthy: false, lastError: 'no collector runs' })
    t.equal(changed.message.effectiveConfig, undefined)
  },
)

t.test('an answer that is none is said so; one with another id gives it', async (t) => {
  t.throws(() => wire.incoming(Buffer.from('<html>')), { code: 'ERR_FLEET', message: /not OpAMP/ })
  const plain = toBinary(ServerToAgentSchema, create(ServerToAgentSchema, {}))
  t.equal(wire.incoming(plain), undefined)
  const newInstanceUid = Buffer.from('0199d0c012347fffbfffffffffffffff', 'hex')
  const renamed = create(ServerToAgentSchema, { agentIdentification: { newInstanceUid } as never })
  t.equal(
    wire.incoming(toBinary(ServerToAgentSchema, renamed)),
    '0199d0c0-1234-7fff-bfff-ffffffffffff',
  )
})
