/**
 * Audit events, wherever this host gives them: from auditd's socket, or from its log where the socket
 * is not there. Chosen at each start, so that a plugin that is switched on is found.
 */
import { stat } from 'node:fs/promises'
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
    async *batches(signal, bookmark) {
      const hasSocket = await anyExists(options.socketPaths ?? AUDIT_SOCKETS)
      const hasLog = await anyExists([options.logPath ?? AUDIT_LOG])
      // Without either, the socket's complaint is the better one: it names the plugin.
      chosen = hasSocket || !hasLog ? socket : log
      yield* chosen.batches(signal, bookmark)
    },
  }
}

async function anyExists(paths: readonly string[]): Promise<boolean> {
  const found = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        () => true,
        () => false,
      ),
    ),
  )
  return found.includes(true)
}
