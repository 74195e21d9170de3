/**
 * Simulated agents: the real modules of fleet and shipping, each with a state file, an outbox and TLS
 * connections of its own. What a configuration would change is a variable.
 */

import { join } from 'node:path'
import { systemClock } from '../../agent/clock.ts'
import type { Config } from '../../agent/config/config.ts'
import { createFleet } from '../../agent/fleet/fleet.ts'
import { standing } from '../../agent/fleet/standing.ts'
import { newInstanceId, stateFile } from '../../agent/fleet/state.ts'
import { healthDocument } from '../../agent/health-document.ts'
import { sourceOf } from '../../agent/join-fleet.ts'
import { createOutputs } from '../../agent/outputs.ts'
import { createShipping } from '../../agent/shipping.ts'
import type { Store } from '../../storage/store.ts'
import { host } from '../support/findings.ts'
import { filePart } from '../support/fleet.ts'
import { aStatus } from '../support/status.ts'
import { until } from '../support/until.ts'

export interface AgentsOptions {
  readonly count: number
  readonly folder: string
  readonly opampUrl: string
  readonly bulkUrl: string
  readonly certificates: object
  readonly publicKey: string
  readonly intervalS: number
}

const clock = systemClock()

export async function startAgents(options: AgentsOptions) {
  const { count, publicKey, opampUrl, bulkUrl, certificates, intervalS } = options
  const file = filePart(
    JSON.stringify({
      fleet: {
        ...{ url: opampUrl, publicKeys: [publicKey], interval: `${intervalS}s`, trial: '5s' },
        ...certificates,
      },
      ship: { url: bulkUrl, healthInterval: `${intervalS}s`, ...certificates },
    }),
  )
  const stop = new AbortController()
  /** By version: when each agent had applied it. */
  const applied = new Map<number, number[]>()
  const ended = Array.from({ length: count }, async (_, i) => {
    const host_ = { ...host, name: `host-${i}`, id: `id-${i}` }
    const state = { instanceId: newInstanceId(clock.now()) }
    let config: Config = standing(file, state).config
    const source = await sourceOf(config.fleet, {
      ...{ version: '0.1.0', host: host_, labels: [], instanceId: state.instanceId },
      ...{ clock, sleep: clock.sleep, random: Math.random },
      news: () => ({
        health: { word: 'healthy', reasons: [] },
        ...{ startedMs: 1, effectiveConfig: JSON.stringify(config) },
      }),
    })
    const fleet = createFleet({
      ...{ file, state, source, clock, sleep: clock.sleep },
      stateFile: stateFile(join(options.folder, String(i))),
      host: { name: host_.name, os: 'linux', labels: [] },
      agent: {
        get config() {
          return config
        },
        status: () => aStatus,
        apply: async (next) => {
          config = next
        },
      },
      say(line) {
        const version = /^fleet: version (\d+) applied$/.exec(line)?.[1]
        if (version === undefined) return
        const times = applied.get(Number(version)) ?? []
        times.push(performance.now())
        applied.set(Number(version), times)
      },
    })
    const outputs = await createOutputs(config.ship, {
      ...{ sleep: clock.sleep, random: Math.random },
      create: (ship) => createShipping(ship, emptyOutbox as Store, { clock, random: Math.random }),
      health: (intervalMs) =>
        healthDocument({
          status: { ...aStatus, startedMs: i },
          host: host_,
          nowMs: clock.now(),
          intervalMs,
        }),
    })
    await Promise.all([fleet.run(stop.signal), outputs.run(stop.signal)])
    await outputs.close()
  })
  return {
    allHave: (version: number) =>
      until(`all have version ${version}`, () => applied.get(version)?.length === count, 300_000),
    appliedMs: (version: number) => applied.get(version) ?? [],
    async stop() {
      stop.abort()
      await Promise.all(ended)
    },
  }
}

/** Alerts are few; what a fleet sends at its intervals is health. */
const emptyOutbox: Pick<Store, 'setOutputs' | 'unsentAlerts' | 'markSent' | 'markRejected'> = {
  setOutputs() {},
  unsentAlerts: () => [],
  markSent() {},
  markRejected() {},
}
