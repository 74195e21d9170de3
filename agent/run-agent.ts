/**
 * The whole agent: the sensor under the configuration that is in force, and the fleet that may change
 * it. A host without a fleet runs the file's configuration, and loads none of what is for fleets.
 */
import type { HostSystem } from '../platform/host.ts'
import type { AgentOptions } from './commands/context.ts'
import type { Config } from './config/config.ts'
import type { FleetStatus } from './control/status.ts'
import { hostFacts } from './host.ts'
import { type Agent, startAgent } from './reconfigure.ts'
import { runSensor } from './sensor.ts'

export async function runAgent(options: AgentOptions, system: HostSystem): Promise<void> {
  const { loaded, ...rest } = options
  // What ends one of the two ends both.
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  let fleetStatus: () => FleetStatus | undefined = () => undefined
  async function start(config: Config): Promise<Agent> {
    const under = { ...rest, config, signal, fleetStatus: () => fleetStatus() }
    const agent = await startAgent(under, (it, onStart) => runSensor(it, system, onStart))
    options.onReady?.(() => agent.status())
    return agent
  }
  if (loaded.config.fleet.url === undefined) return (await start(loaded.config)).ended
  const { joinFleet } = await import('./join-fleet.ts')
  const { agent, fleet } = await joinFleet(options, await hostFacts(), start)
  fleetStatus = fleet.status
  try {
    await Promise.all([agent.ended, fleet.run(signal)])
  } finally {
    stop.abort()
  }
}
