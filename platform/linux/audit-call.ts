/**
 * Which system call a SYSCALL record is about, of those that we read. Pure.
 *
 * The numbers are the kernel's own (`arch/…/syscall*.tbl`, `asm-generic/unistd.h`); `arch` is
 * the ELF machine with its word size and byte order (`include/uapi/linux/audit.h`).
 */
import { type AuditRecord, rawField } from './audit-record.ts'

/** `other` covers calls that failed: they started no program and opened no connection. */
export type AuditCall = 'exec' | 'connect' | 'other'

interface Numbers {
  readonly exec: readonly string[]
  readonly connect: string
  /** One call for all of sockets, told apart by its first argument. */
  readonly socketcall?: string
}

const CALLS: ReadonlyMap<string, Numbers> = new Map(
  Object.entries({
    // x86_64, i386
    c000003e: { exec: ['59', '322'], connect: '42' },
    '40000003': { exec: ['11', '358'], connect: '362', socketcall: '102' },
    // aarch64, arm, riscv64
    c00000b7: { exec: ['221', '281'], connect: '203' },
    '40000028': { exec: ['11', '387'], connect: '283' },
    c00000f3: { exec: ['221', '281'], connect: '203' },
    // ppc64, ppc64le, s390x
    '80000015': { exec: ['11', '362'], connect: '328', socketcall: '102' },
    c0000015: { exec: ['11', '362'], connect: '328', socketcall: '102' },
    '80000016': { exec: ['11', '354'], connect: '362', socketcall: '102' },
  }),
)

/** `SYS_CONNECT` of `linux/net.h`. */
const SOCKETCALL_CONNECT = '3'
/** A connection that a non-blocking socket has begun: the usual answer, and no failure. */
export const EINPROGRESS = '-115'

export function auditCall({ line, bodyAt }: AuditRecord): AuditCall {
  const numbers = CALLS.get(rawField(line, ' arch=', bodyAt) ?? '')
  if (numbers === undefined) return 'other'
  const number = rawField(line, ' syscall=', bodyAt) ?? ''
  const isSuccess = rawField(line, ' success=', bodyAt) === 'yes'
  if (numbers.exec.includes(number)) return isSuccess ? 'exec' : 'other'
  const isConnect =
    number === numbers.connect ||
    (number === numbers.socketcall && rawField(line, ' a0=', bodyAt) === SOCKETCALL_CONNECT)
  if (!isConnect) return 'other'
  return isSuccess || rawField(line, ' exit=', bodyAt) === EINPROGRESS ? 'connect' : 'other'
}
