/** Benign recurring traffic that every host has, as data. */
export interface KnownTraffic {
  readonly name: string
  /** Why it is benign, one line for a person. */
  readonly reason: string
  /** Path globs; the actor, or the program that connected, is one of these. */
  readonly actors?: readonly string[]
  /** IPs, CIDRs, domains with wildcard. */
  readonly destinations?: readonly string[]
  readonly ports?: readonly number[]
  readonly transport?: 'tcp' | 'udp'
  /** Most that the median run sends; no run may send 8 times as much. Unknown bytes do not match. */
  readonly maxSentBytes?: number
  /** Largest share sent of all bytes, 0 to 1; judged where it is known. */
  readonly maxSentShare?: number
  /** Shortest period. */
  readonly minPeriodMs?: number
}
