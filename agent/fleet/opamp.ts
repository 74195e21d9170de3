/**
 * The fleet's server by OpAMP over HTTP, through Elastic's client: it keeps the sequence, the heartbeat
 * and the retries (30 s to 5 min, as the specification has them). What it has not is added where its
 * bytes go out and come in (`opamp-wire.ts`): effective configuration, health, a bound on answers.
 *
 * Not taken, and not offered as a capability: connection settings, packages, restart commands. Where an
 * agent talks to and what it runs is the host's to say.
 * @see https://github.com/open-telemetry/opamp-spec/blob/main/specification.md
 */
import { createOpAMPClient } from '@elastic/opamp-client-node'
import {
  AgentCapabilities,
  type AgentRemoteConfig,
  RemoteConfigStatuses,
} from '@elastic/opamp-client-node/lib/generated/opamp_pb.js'
import { messageOf } from '../../platform/errors.ts'
import type { EpochMs } from '../../platform/event.ts'
import type { HostFacts } from '../alert/host-facts.ts'
import type { FleetAnswer, FleetHttp } from './http.ts'
import { type AgentNews, opampWire } from './opamp-wire.ts'
import { FIRST_SPREAD_RATIO } from './signed-file.ts'
import type { FleetSource, Report, SourceHooks } from './source.ts'

export interface OpampOptions {
  readonly url: string
  readonly http: FleetHttp
  readonly intervalMs: number
  readonly instanceId: string
  readonly version: string
  readonly host: HostFacts
  /** `name=value`. */
  readonly labels: readonly string[]
  /** Asked at each message: what changed is told. */
  readonly news: () => AgentNews
  readonly clock: { now(): EpochMs }
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  readonly random: () => number
}

const STATUSES: Readonly<Record<Report['state'], RemoteConfigStatuses>> = {
  applying: RemoteConfigStatuses.RemoteConfigStatuses_APPLYING,
  applied: RemoteConfigStatuses.RemoteConfigStatuses_APPLIED,
  failed: RemoteConfigStatuses.RemoteConfigStatuses_FAILED,
  passed: RemoteConfigStatuses.RemoteConfigStatuses_UNSET,
}

/** The private member of the client (0.5.0, pinned) that carries its bytes; a test holds it. */
interface ClientInside {
  _httpClient: {
    request(options: { body: Uint8Array; headers: Record<string, string> }): Promise<unknown>
    close(): Promise<void>
  }
}

export async function opamp(options: OpampOptions): Promise<FleetSource> {
  const { http, clock, sleep, random, intervalMs } = options
  const wire = opampWire(options.news, clock.now)
  let lastContactMs: EpochMs | undefined
  let failuresInRow = 0
  let failure: string | undefined
  let stop = new AbortController().signal
  let hooks: SourceHooks = { onOffer() {}, onInstanceId() {} }

  const client = createOpAMPClient({
    endpoint: options.url,
    instanceUid: options.instanceId,
    heartbeatIntervalSeconds: intervalMs / 1_000,
    capabilities: BigInt(
      AgentCapabilities.AgentCapabilities_AcceptsRemoteConfig |
        AgentCapabilities.AgentCapabilities_ReportsRemoteConfig,
    ),
    onMessage: ({ remoteConfig }: { remoteConfig?: AgentRemoteConfig }) => {
      if (remoteConfig === undefined) return
      const texts = Object.values(remoteConfig.config?.configMap ?? {}).map(({ body }) =>
        Buffer.from(body).toString('utf8'),
      )
      hooks.onOffer({ hash: Buffer.from(remoteConfig.configHash).toString('hex'), texts })
    },
  })
  client.setAgentDescription(descriptionOf(options, options.instanceId))
  const inside = client as unknown as ClientInside
  await inside._httpClient.close()
  inside._httpClient = { request: ({ body, headers }) => request(body, headers), close: http.close }

  function renamed(instanceId: string): void {
    client.setAgentDescription(descriptionOf(options, instanceId))
    hooks.onInstanceId(instanceId)
  }

  async function request(body: Uint8Array, headers: Record<string, string>): Promise<unknown> {
    // The client spreads its retries by a tenth only: who failed together would come back together.
    if (failuresInRow > 0) await sleep(random() * intervalMs, stop)
    try {
      const sent = wire.outgoing(body)
      const answer = await http.ask({ method: 'POST', body: sent.bytes }, headers)
      const instanceId = answer.status === 200 ? wire.incoming(answer.body) : undefined
      const problem = problemOf(answer)
      if (problem === undefined) {
        sent.arrived()
        lastContactMs = clock.now()
        failuresInRow = 0
        failure = undefined
      } else {
        failuresInRow++
        failure = problem
      }
      if (instanceId !== undefined) renamed(instanceId)
      return {
        ...{ statusCode: answer.status, headers: answer.headers },
        body: { bytes: async () => answer.body, destroy() {} },
      }
    } catch (error) {
      failuresInRow++
      failure = messageOf(error)
      throw error
    }
  }

  return {
    async run(signal, given) {
      hooks = given
      stop = signal
      await sleep(random() * FIRST_SPREAD_RATIO * intervalMs, signal)
      if (!signal.aborted) {
        client.start()
        // The client's own timers do not keep a process alive.
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      }
      await client.shutdown()
    },
    report({ offerHash, state, message }) {
      client.setRemoteConfigStatus({
        $typeName: 'opamp.proto.RemoteConfigStatus',
        lastRemoteConfigHash: Buffer.from(offerHash, 'hex'),
        status: STATUSES[state],
        errorMessage: state === 'failed' ? (message ?? 'failed') : '',
      })
    },
    status: () => ({
      failuresInRow,
      ...(lastContactMs !== undefined && { lastContactMs }),
      ...(failure !== undefined && { failure }),
    }),
  }
}

function problemOf({ status, headers }: FleetAnswer): string | undefined {
  if (status !== 200) return `the server answers ${status}`
  const type = headers['content-type']
  return type === 'application/x-protobuf' ? undefined : `the server answers ${String(type)}`
}

/** By the semantic conventions of OpenTelemetry, which OpAMP asks for. */
function descriptionOf({ host, version, labels }: OpampOptions, instanceId: string) {
  return {
    identifyingAttributes: {
      'service.name': 'tidewatch-agent',
      'service.version': version,
      'service.instance.id': instanceId,
    },
    nonIdentifyingAttributes: {
      'os.type': host.os.type === 'macos' ? 'darwin' : host.os.type,
      'os.name': host.os.name,
      'os.version': host.os.version,
      'host.name': host.name,
      'host.id': host.id,
      'host.arch': host.architecture,
      ...Object.fromEntries(labels.map((label) => label.split(/=(.*)/s).slice(0, 2))),
    },
  }
}
