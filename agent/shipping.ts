/** The outputs that the configuration asks for, each with a shipper of its own: one never waits for another. */
import type { Store } from '../storage/store.ts'
import type { SystemClock } from './clock.ts'
import type { Config } from './config/config.ts'
import type { OutputStatus } from './control/status.ts'
import type { OutputCheck } from './ship/check-output.ts'
import { type Output, targetOf } from './ship/output.ts'
import { createShipper } from './ship/shipper.ts'
import type { Parcel } from './ship/verdict.ts'

/** What `ship` itself describes. */
const MAIN = 'main'

export interface Shipping {
  /** Ships until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>
  /** There is something new in the outbox. */
  wake(): void
  /** The agent's health as of now, to each output that wants it. */
  report(health: Parcel): void
  statuses(): readonly OutputStatus[]
  close(): Promise<void>
}

/** The outputs of a configuration; none where alerts stay on this host. */
export function outputsOf({ outputs, ...main }: Config['ship']): readonly Output[] {
  const named = { ...(isSet(main) ? { [MAIN]: main } : {}), ...outputs }
  return Object.entries(named).map(([name, { url, ...settings }]) => ({
    ...settings,
    name,
    urls: [url ?? []].flat(),
  }))
}

const isSet = ({ url, path }: Pick<Config['ship'], 'url' | 'path'>): boolean =>
  (url ?? path) !== undefined

/** For `agent doctor`: whether each host of each output is there, secure, and lets the agent write. */
export async function checkOutputs(
  ship: Config['ship'],
  nowMs: number,
): Promise<readonly OutputCheck[]> {
  const { checkOutput } = await import('./ship/check-output.ts')
  return (await Promise.all(outputsOf(ship).map((it) => checkOutput(it, { nowMs })))).flat()
}

/** @throws {AgentError} `ERR_ENDPOINT` when a URL is none that can be posted to */
export async function createShipping(
  ship: Config['ship'],
  store: Store,
  { clock, random }: { readonly clock: SystemClock; readonly random: () => number },
): Promise<Shipping> {
  const outputs = outputsOf(ship)
  store.setOutputs(outputs.map(({ name }) => name))
  const parts = await Promise.all(
    outputs.map(async (output) => {
      const target = await targetOf(output, random)
      const shipper = createShipper({
        ...{ output: output.name, store, target, clock, sleep: clock.sleep, random },
        maxAlerts: output.batchSize,
        maxBackoffMs: output.maxBackoffMs,
      })
      return { output, target, shipper }
    }),
  )
  return {
    async run(signal) {
      await Promise.all(parts.map(({ shipper }) => shipper.run(signal)))
    },
    wake() {
      for (const { shipper } of parts) shipper.wake()
    },
    report(health) {
      for (const { output, shipper } of parts) if (output.health) shipper.report(health)
    },
    statuses: () => parts.map(({ shipper }) => shipper.status()),
    async close() {
      await Promise.all(parts.map(({ target }) => target.close()))
    },
  }
}
