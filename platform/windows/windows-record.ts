/**
 * One record of a Windows event log, whatever brought it here: an EVTX file, a shipper's JSON or the
 * system's own XML. The readers of `sysmon.ts`, `security.ts` and `task-scheduler.ts` take this.
 *
 * Values are text, as Windows renders them. They are fetched by name and decoded only then: of the
 * twenty-odd values of a process start we use nine.
 */
import type { EpochMs } from '../event.ts'

export interface WindowsRecord {
  readonly eventId: number
  readonly channel: string
  readonly provider: string
  /** When the log took it in (`TimeCreated`): later than what it tells of, up to seconds. */
  readonly createdMs: EpochMs
  /** Its number in the log. */
  readonly recordId?: number
  readonly computer?: string
  /** A value of EventData or UserData; `undefined` where there is none of that name. */
  field(name: string): string | undefined
}
