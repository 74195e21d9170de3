/**
 * The address of a `connect`, from the hex of SOCKADDR's `saddr`. Pure.
 *
 * The family stands in the byte order of the host, port and address in that of the network:
 * `0200` + port + 4 bytes (AF_INET), `0A00` + port + flow + 16 bytes (AF_INET6); `0002`, `000A` from a
 * big-endian host. No family is a multiple of 256, so the two never mix.
 */
import { formatIp } from '../address.ts'
import type { Endpoint } from '../event.ts'
import type { AuditRecord } from './audit-record.ts'
import { isHex, rawField } from './audit-record.ts'

const INET_DIGITS = 16
const INET6_DIGITS = 48

/** `other-family` covers local sockets, netlink and the like; `malformed` is hex cut off or none. */
export function auditDestination({
  line,
  bodyAt,
}: AuditRecord): Endpoint | 'other-family' | 'malformed' {
  const saddr = rawField(line, ' saddr=', bodyAt)
  if (saddr === undefined || saddr.length < 4 || !isHex(saddr)) return 'malformed'
  const port = Number.parseInt(saddr.slice(4, 8), 16)
  switch (saddr.slice(0, 4).toUpperCase()) {
    case '0200':
    case '0002':
      if (saddr.length < INET_DIGITS) return 'malformed'
      return { ip: formatIp(bytesOf(saddr, 8, INET_DIGITS)), port }
    case '0A00':
    case '000A':
      if (saddr.length < INET6_DIGITS) return 'malformed'
      return { ip: formatIp(bytesOf(saddr, 16, INET6_DIGITS)), port }
    default:
      return 'other-family'
  }
}

function bytesOf(hex: string, from: number, to: number): number[] {
  const bytes: number[] = []
  for (let at = from; at < to; at += 2) bytes.push(Number.parseInt(hex.slice(at, at + 2), 16))
  return bytes
}
