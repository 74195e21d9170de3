/** A record of a Windows event log as a reader hands it on, for tests. */
import type { WindowsRecord } from '../../platform/windows/windows-record.ts'

export const CREATED_MS = Date.UTC(2024, 0, 2, 3, 4, 5, 6)

const record =
  (provider: string, channel: string) =>
  (eventId: number, fields: Readonly<Record<string, string>>): WindowsRecord => ({
    eventId,
    provider,
    channel,
    createdMs: CREATED_MS,
    field: (name) => fields[name],
  })

export const sysmonRecord = record(
  'Microsoft-Windows-Sysmon',
  'Microsoft-Windows-Sysmon/Operational',
)
export const securityRecord = record('Microsoft-Windows-Security-Auditing', 'Security')
export const taskRecord = record(
  'Microsoft-Windows-TaskScheduler',
  'Microsoft-Windows-TaskScheduler/Operational',
)
export const otherRecord = record('ESENT', 'Application')
