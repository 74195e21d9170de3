/**
 * Several hosts of one cluster as one endpoint. All are equal: whichever answers is kept, and where it
 * is away the next is asked at once. Where it starts is handed in, so that a fleet spreads over them.
 *
 * Only what says that this host cannot serve moves on; 429 is the whole cluster's word.
 */
import { AgentError } from '../../platform/errors.ts'
import type { Endpoint } from './endpoint.ts'

/** A proxy without a server behind it, or a node that leaves. */
const IS_AWAY: ReadonlySet<number> = new Set([502, 503, 504])

/**
 * @param hosts at least one
 * @param start index of the first to be asked
 */
export function failover(hosts: readonly Endpoint[], start: number): Endpoint {
  let at = start % hosts.length
  const current = (): Endpoint => hosts[at] as Endpoint
  return {
    get url() {
      return current().url
    },
    async post(...request) {
      const signal = request[3]
      for (let tried = 1; ; tried++) {
        const isLast = tried >= hosts.length
        try {
          const answer = await current().post(...request)
          if (isLast || !IS_AWAY.has(answer.status)) return answer
        } catch (error) {
          if (isLast || signal?.aborted || !(error instanceof AgentError)) throw error
        }
        at = (at + 1) % hosts.length
      }
    },
    async close() {
      await Promise.all(hosts.map((host) => host.close()))
    },
  }
}
