/** The one switch on the operating system: gives the senses of the host that this runs on. */
import type { Collector } from './collector.ts'
import { AgentError } from './errors.ts'
import type { Process } from './event.ts'
import type { LinuxDeps, LinuxOptions } from './linux/index.ts'

/** Each operating system's own options, as the configuration has them under `collect`. */
export interface CollectOptions {
  readonly linux: LinuxOptions
}

export interface HostSenses {
  readonly platform: 'linux'
  readonly bootId: string
  readonly collectors: readonly Collector[]
  /** Looks at a living process. */
  readonly lookUp: (pid: number) => Process | undefined
}

/** @throws {AgentError} `ERR_PLATFORM` where there are no senses for it */
export async function hostSenses(options: CollectOptions, deps: LinuxDeps): Promise<HostSenses> {
  if (process.platform !== 'linux') {
    throw new AgentError(
      'ERR_PLATFORM',
      `${process.platform}: the live sensor runs on Linux only`,
      {
        remedy: 'use `agent hunt` on recordings of this system',
      },
    )
  }
  // Loaded here, so that no other system loads it.
  const { linuxCollectors, linuxHost } = await import('./linux/index.ts')
  return { platform: 'linux', collectors: linuxCollectors(options.linux, deps), ...linuxHost() }
}
