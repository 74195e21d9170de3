/**
 * Takes the live agent from one configuration to the next while the process goes on: in place where a
 * sensor can, else by ending it and beginning another. What is on disk and the sources' bookmarks
 * bridge the moment between; a configuration under which no sensor starts leaves the old one running.
 */
import { isDeepStrictEqual } from 'node:util'
import type { SensorOptions } from './commands/context.ts'
import type { Config } from './config/config.ts'
import type { AgentStatus } from './control/status.ts'
import type { Sensor } from './sensor.ts'

/** Groups of settings that a running sensor takes over; any other needs a new one. */
export const IN_PLACE: readonly (keyof Config)[] = ['detect', 'alert', 'ship', 'limits', 'log']

export type RunSensor = (options: SensorOptions, onStart: (sensor: Sensor) => void) => Promise<void>

export interface Agent {
  readonly config: Config
  /** `undefined` between two sensors, and when all is over. */
  status(): AgentStatus | undefined
  /**
   * Resolves when the agent runs under `next`. One call at a time.
   * @throws whatever kept it from it: the agent then runs under the configuration that it had
   */
  apply(next: Config): Promise<void>
  /** Resolves when the signal has ended it; a bug in a sensor rejects it. */
  readonly ended: Promise<void>
}

/** The groups in which two configurations differ. */
export const changedGroups = (from: Config, to: Config): readonly (keyof Config)[] =>
  (Object.keys(to) as (keyof Config)[]).filter(
    (group) => !isDeepStrictEqual(from[group], to[group]),
  )

/** @throws as the sensor does, when it does not start */
export async function startAgent(options: SensorOptions, run: RunSensor): Promise<Agent> {
  const over = Promise.withResolvers<void>()
  let config = options.config
  let life = await begin(config)

  /** Returns when the sensor runs, or the signal has ended it before it did. */
  async function begin(config: Config) {
    const stop = new AbortController()
    const signal = AbortSignal.any([options.signal, stop.signal])
    const started = Promise.withResolvers<Sensor>()
    const ended = run({ ...options, config, signal }, started.resolve)
    const sensor = await Promise.race([started.promise, ended.then(() => undefined)])
    ended.then(() => options.signal.aborted && over.resolve(), over.reject)
    const end = async () => {
      stop.abort()
      await ended
    }
    return { sensor, end }
  }

  return {
    get config() {
      return config
    },
    status: () => life.sensor?.status(),
    async apply(next) {
      const changed = changedGroups(config, next)
      if (changed.length === 0) return
      if (changed.every((group) => IN_PLACE.includes(group))) await life.sensor?.adopt(next)
      else {
        await life.end()
        life = { ...life, sensor: undefined }
        try {
          life = await begin(next)
        } catch (error) {
          life = await begin(config)
          throw error
        }
      }
      config = next
    },
    ended: over.promise,
  }
}
