/**
 * Audit events, wherever this host gives them: from auditd's socket, or from its log where the socket
 * is not there, or is for root alone. Chosen at each start, so that a plugin that is switched on is found.
 */
import { access, constants } from 'node:fs/promises'
import { type Collector, zeroCounters } from '../collector.ts'
import { AUDIT_DATASET } from './audit-event.ts'
import { AUDIT_LOG, auditLogCollector } from './audit-log-collector.ts'
import {
  AUDIT_SOCKETS,
  type AuditSocketOptions,
  auditSocketCollector,
} from './audit-socket-collector.ts'

export interface AuditOptions extends AuditSocketOptions {
  /** Time between looks at the log, ms, where that is what is read. */
  readonly pollMs?: number
}

export function auditCollector(options: AuditOptions): Collector {
  const counters = options.counters ?? zeroCounters()
  const socket = auditSocketCollector({ ...options, counters })
  const log = auditLogCollector({ ...options, counters })
  let chosen = socket
  return {
    dataset: AUDIT_DATASET,
    // auditd's own log has what its socket told nobody.
    fillsAbsence: true,
    get description() {
      return chosen.description
    },
    counters,
    degraded: () => chosen.degraded?.(),
    behindMs: () => chosen.behindMs?.() ?? 0,
    async *batches(signal, bookmark) {
      const hasSocket = await mayAny(constants.W_OK, options.socketPaths ?? AUDIT_SOCKETS)
      const hasLog = await mayAny(constants.F_OK, [options.logPath ?? AUDIT_LOG])
      // Without either, the socket's complaint is the better one: it names the plugin.
      chosen = hasSocket || !hasLog ? socket : log
      yield* chosen.batches(signal, bookmark)
    },
  }
}

/** To connect to a socket is to write to it. */
async function mayAny(mode: number, paths: readonly string[]): Promise<boolean> {
  const found = await Promise.all(
    paths.map((path) =>
      access(path, mode).then(
        () => true,
        () => false,
      ),
    ),
  )
  return found.includes(true)
}
