/** Values of Windows events, from the text that they come as. Pure; `undefined` where it is none. */
import { parseIp } from '../address.ts'
import type { Endpoint, EpochMs, User } from '../event.ts'
import type { WindowsRecord } from './windows-record.ts'

/** What became of a record. `malformed`: it lacks what no record of its kind lacks. */
export type Unread = 'ignored' | 'malformed'

/** A text that says something: Windows writes `-` where it has nothing to say. */
export function told(record: WindowsRecord, name: string): string | undefined {
  const text = record.field(name)
  return text === undefined || text === '' || text === '-' ? undefined : text
}

/** What cmd itself takes; programs may be started with four times as much. */
const MAX_COMMAND_LINE = 8_191

/** Its beginning, where it is longer than what is kept of each process. */
export const commandLineOf = (record: WindowsRecord, name: string): string | undefined =>
  told(record, name)?.slice(0, MAX_COMMAND_LINE)

/** A whole number, decimal or `0x…`. */
export function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^(?:\d{1,15}|0x[0-9a-f]{1,13})$/i.test(text)) return undefined
  return Number(text)
}

export function endpointOf(ip: string | undefined, port: string | undefined): Endpoint | undefined {
  const address = ip === undefined ? undefined : parseIp(ip)
  const number = numberOf(port)
  if (address === undefined || number === undefined || number > 65_535) return undefined
  return { ip: address, port: number }
}

/** The text of a GUID, one spelling for each; `undefined` for the one of all zeros. */
export function guidOf(text: string | undefined): string | undefined {
  const [, digits] = /^\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$/i.exec(text ?? '') ?? []
  if (digits === undefined || /^[0-]+$/.test(digits)) return undefined
  return `{${digits.toUpperCase()}}`
}

/** Sysmon's own stamp, `2020-05-24 01:13:47.752`, always UTC. */
export function utcMs(text: string | undefined): EpochMs | undefined {
  const match = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d{1,3})?)\d*Z?$/.exec(text ?? '')
  const atMs = match === null ? Number.NaN : Date.parse(`${match[1]}T${match[2]}Z`)
  return Number.isNaN(atMs) ? undefined : atMs
}

/** A SID, or `DOMAIN\user`. */
export function userOf(text: string | undefined): User | undefined {
  if (text === undefined || text === '' || text === '-') return undefined
  return text.startsWith('S-1-') ? { id: text } : { name: text }
}
