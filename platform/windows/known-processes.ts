/**
 * Processes that the event log told of before the agent read on: without them, what a process does
 * after a restart of the agent would have no script, no parent and no job. Pure but for what it keeps.
 */
import type { Process } from '../event.ts'
import type { WindowsEvents } from './windows-events.ts'
import type { WindowsRecord } from './windows-record.ts'

/** Some 500 bytes each; a busy host starts as many in a day. */
const MAX_KEPT = 20_000

export interface KnownProcesses {
  /** @returns whether there is room for more. Told the newest first: of one pid the newest counts. */
  remember(record: WindowsRecord, events: WindowsEvents): boolean
  of(pid: number): Process | undefined
}

export function knownProcesses(maxKept = MAX_KEPT): KnownProcesses {
  const byPid = new Map<number, Process>()
  const add = (process: Process | undefined): void => {
    if (process !== undefined && !byPid.has(process.pid)) byPid.set(process.pid, process)
  }
  return {
    remember(record, events) {
      const event = events.read(record)
      if (typeof event !== 'string' && event.kind === 'process-start') {
        add(event.process)
        add(event.parent)
      }
      return byPid.size < maxKept
    },
    of: (pid) => byPid.get(pid),
  }
}
