/**
 * The outputs while the agent runs, with the reports of its health that they get. Their settings can be
 * replaced meanwhile: what was on its way is then sent again, and known by its id.
 */
import type { Config } from './config/config.ts'
import { reportHealth } from './health-reports.ts'
import type { Parcel } from './ship/verdict.ts'
import type { Shipping } from './shipping.ts'

type Settings = Config['ship']

export interface OutputsOptions {
  /** @throws {AgentError} when the settings cannot be used */
  readonly create: (ship: Settings) => Promise<Shipping>
  /** The agent's health as of now; the next comes after `intervalMs`. */
  readonly health: (intervalMs: number) => Parcel
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** 0 to 1. */
  readonly random: () => number
}

export interface Outputs extends Pick<Shipping, 'wake' | 'statuses' | 'close'> {
  /** Ships until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>
  /** @throws {AgentError} when the settings cannot be used: the old ones go on */
  adopt(ship: Settings): Promise<void>
}

export async function createOutputs(initial: Settings, options: OutputsOptions): Promise<Outputs> {
  const { create, health, sleep, random } = options
  const failed = Promise.withResolvers<never>()
  let ship = initial
  let shipping = await create(ship)
  let whole: AbortSignal | undefined
  let turn = new AbortController()
  let running: Promise<unknown> = Promise.resolve()

  function begin(): void {
    if (whole === undefined) return
    turn = new AbortController()
    const signal = AbortSignal.any([whole, turn.signal])
    const { healthIntervalMs: intervalMs } = ship
    const report = () => shipping.report(health(intervalMs))
    running = Promise.all([
      shipping.run(signal),
      reportHealth({ intervalMs, sleep, random, report }, signal),
    ])
    running.catch(failed.reject)
  }

  return {
    wake: () => shipping.wake(),
    statuses: () => shipping.statuses(),
    close: () => shipping.close(),
    async run(signal) {
      whole = signal
      begin()
      const stopped = new Promise<void>((resolve) => {
        if (signal.aborted) resolve()
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
      await Promise.race([stopped, failed.promise])
      await running
    },
    async adopt(next) {
      turn.abort()
      await running
      await shipping.close()
      try {
        shipping = await create(next)
        ship = next
      } catch (error) {
        shipping = await create(ship)
        throw error
      } finally {
        begin()
      }
    },
  }
}
