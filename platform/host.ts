/**
 * The one switch on the operating system: gives the senses of the host that this runs on. Each
 * system's folder is loaded here, so that no other system loads it.
 */
import type { Collector, SenseDeps } from './collector.ts'
import { AgentError } from './errors.ts'
import type { Process } from './event.ts'
import type { LinuxOptions } from './linux/index.ts'
import type { MacosOptions, MacosStandIns } from './macos/index.ts'
import type { WindowsOptions, WindowsStandIns } from './windows/index.ts'

/** Each operating system's own options, as the configuration has them under `collect`. */
export interface CollectOptions {
  readonly linux: LinuxOptions
  readonly macos: MacosOptions
  readonly windows: WindowsOptions
}

/** Which system this is, told by the composition root; and in tests what stands in for its parts. */
export interface HostSystem {
  /** As Node names it: `linux`, `darwin`, `win32`. */
  readonly platform: string
  readonly macos?: MacosStandIns
  readonly windows?: WindowsStandIns
}

export interface HostSenses {
  readonly platform: 'linux' | 'macos' | 'windows'
  /** What this boot is called: it makes the entity ids of processes differ from the last one's. */
  readonly bootId: string
  readonly collectors: readonly Collector[]
  /** Looks at a living process, where that costs no process of its own. */
  readonly lookUp?: (pid: number) => Process | undefined
}

/** @throws {AgentError} `ERR_PLATFORM` where there are no senses for it */
export async function hostSenses(
  options: CollectOptions,
  deps: SenseDeps,
  system: HostSystem,
): Promise<HostSenses> {
  switch (system.platform) {
    case 'linux': {
      const { linuxCollectors, linuxHost } = await import('./linux/index.ts')
      const collectors = linuxCollectors(options.linux, deps)
      return { platform: 'linux', collectors, ...linuxHost() }
    }
    case 'darwin': {
      const { macosCollectors, macosHost } = await import('./macos/index.ts')
      const collectors = macosCollectors(options.macos, deps, system.macos)
      return { platform: 'macos', collectors, ...macosHost(system.macos) }
    }
    case 'win32': {
      const { windowsSenses } = await import('./windows/index.ts')
      return { platform: 'windows', ...windowsSenses(options.windows, deps, system.windows) }
    }
    default:
      throw new AgentError(
        'ERR_PLATFORM',
        `${system.platform}: the live sensor runs on Linux, macOS and Windows only`,
        { remedy: 'use `agent hunt` on recordings of this system' },
      )
  }
}
