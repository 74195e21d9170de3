/** What an alert says of the host it comes from: ECS `host.*`. `agent/host.ts` finds it out. */
export interface HostFacts {
  /** Stable across renames and restarts; the machine id where the system has one. */
  readonly id?: string
  readonly name: string
  readonly hostname: string
  readonly architecture: string
  readonly os: {
    /** ECS's closed list. */
    readonly type: 'linux' | 'macos' | 'windows' | 'unix'
    /** As Node says it: `linux`, `darwin`, `win32`. */
    readonly platform: string
    /** `Debian GNU/Linux`. */
    readonly name?: string
    readonly version?: string
    readonly kernel?: string
    /** `debian`. */
    readonly family?: string
  }
  /** Canonical, at most a few. */
  readonly ip: readonly string[]
  /** RFC 7042: upper case, hyphens. At most a few. */
  readonly mac: readonly string[]
}
