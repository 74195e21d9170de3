/**
 * Joins this agent to its fleet: takes up what is on disk, starts the sensor under it, and builds the
 * side of the fleet that the settings name.
 */
import { messageOf } from '../platform/errors.ts'
import type { HostFacts } from './alert/host-facts.ts'
import type { AgentOptions } from './commands/context.ts'
import type { Config } from './config/config.ts'
import { healthOf } from './control/health.ts'
import { createFleet, type Fleet } from './fleet/fleet.ts'
import { fleetHttp } from './fleet/http.ts'
import { MAX_OFFER_BYTES } from './fleet/offer.ts'
import type { OpampOptions } from './fleet/opamp.ts'
import type { AgentNews } from './fleet/opamp-wire.ts'
import { signedFile } from './fleet/signed-file.ts'
import type { FleetSource } from './fleet/source.ts'
import { afterStart, givenUp, standing } from './fleet/standing.ts'
import { type FleetState, newInstanceId, stateFile } from './fleet/state.ts'
import type { Agent } from './reconfigure.ts'

/** A connection outlives a heartbeat by this factor, so that it can be used for the next. */
const KEEP_ALIVE_FACTOR = 1.5

export interface Joined {
  readonly agent: Agent
  readonly fleet: Fleet
}

/** @param start as `startAgent`: rejects where the agent cannot run under a configuration */
export async function joinFleet(
  { loaded: file, dataDir, clock, view, version }: AgentOptions,
  host: HostFacts,
  start: (config: Config) => Promise<Agent>,
): Promise<Joined> {
  const disk = stateFile(dataDir)
  const startedMs = clock.now()
  const known = disk.load() ?? { instanceId: newInstanceId(startedMs) }
  let state: FleetState = afterStart(known, startedMs)
  disk.save(state)
  let stand = standing(file, state)
  let agent: Agent
  try {
    agent = await start(stand.config)
  } catch (error) {
    if (state.trial === undefined) throw error
    state = givenUp(state, messageOf(error), clock.now())
    disk.save(state)
    stand = standing(file, state)
    agent = await start(stand.config)
  }
  const { fleet: current, problem } = stand
  if (problem !== undefined) view.message(`fleet: not in force: ${problem}`)
  else if (current !== undefined) {
    const name = current.version === undefined ? '' : ` version ${current.version}`
    view.message(`fleet: configuration${name} of ${current.source}, from disk`)
  }

  const source = await sourceOf(file.config.fleet, {
    ...{ version, host, labels: file.config.local.labels, instanceId: state.instanceId },
    ...{ clock, sleep: clock.sleep, random: Math.random },
    news: () => newsOf(agent, startedMs),
  })
  const fleet = createFleet({
    ...{ file, state, stateFile: disk, agent, source, clock, sleep: clock.sleep, problem },
    host: { name: host.name, os: host.os.type, labels: file.config.local.labels },
    say: view.message,
  })
  return { agent, fleet }
}

/** The source that the settings name. A client of OpAMP is loaded only where one is wanted. */
export async function sourceOf(
  { url = '', protocol, ...settings }: Config['fleet'],
  options: Omit<OpampOptions, 'url' | 'http' | 'intervalMs'>,
): Promise<FleetSource> {
  const { intervalMs } = settings
  const http = fleetHttp({
    ...{ ...settings, url, maxAnswerBytes: MAX_OFFER_BYTES },
    keepAliveMs: intervalMs * KEEP_ALIVE_FACTOR,
  })
  if (protocol === 'file') return signedFile({ ...options, http, intervalMs })
  const { opamp } = await import('./fleet/opamp.ts')
  return opamp({ ...options, url, http, intervalMs })
}

function newsOf(agent: Agent, startedMs: number): AgentNews {
  const status = agent.status()
  const { health, reasons } =
    status === undefined ? { health: 'starting', reasons: [] } : healthOf(status)
  const effectiveConfig = JSON.stringify(agent.config)
  return { health: { word: health, reasons }, startedMs, effectiveConfig }
}
