/**
 * An assembled audit event as one of ours: a program that started, or a connection that was opened.
 * Pure.
 *
 * What audit cannot tell: whether a connected socket is TCP or UDP (`connect` serves both). Only
 * EINPROGRESS settles it, since a datagram socket never has to wait; otherwise `transport` is absent.
 */
import type { Connection, Event, Process, ProcessStart, User } from '../event.ts'
import { ownText, textPool } from '../shared/own-text.ts'
import { execveArgs, proctitleArgs } from './audit-args.ts'
import type { AuditGroup } from './audit-assemble.ts'
import { EINPROGRESS } from './audit-call.ts'
import { type AuditRecord, enrichedName, numberField, rawField, textField } from './audit-record.ts'
import { auditDestination } from './audit-sockaddr.ts'

export const AUDIT_DATASET = 'linux.audit'

const pooled = textPool()

/** `incomplete`: a record that the event needs never came. */
export type AuditOutcome = Event | 'ignored' | 'incomplete' | 'malformed'

export function auditEvent(group: AuditGroup): AuditOutcome {
  const { syscall } = group
  if (syscall === undefined) return 'incomplete'
  switch (group.call) {
    case 'exec':
      return processStart(group, syscall)
    case 'connect':
      return connection(group, syscall)
    default:
      return 'ignored'
  }
}

function processStart(group: AuditGroup, syscall: AuditRecord): ProcessStart | 'malformed' {
  const process = processOf(syscall)
  if (process === undefined) return 'malformed'
  const { cwd, proctitle, atMs } = group
  const args =
    execveArgs(group.execve) ?? (proctitle === undefined ? undefined : proctitleArgs(proctitle))
  const workingDirectory = cwd && textField(cwd.line, ' cwd=', cwd.bodyAt)
  return {
    kind: 'process-start',
    atMs,
    dataset: AUDIT_DATASET,
    process: {
      ...process,
      startMs: atMs,
      ...(args && { args: args.map(ownText) }),
      ...(workingDirectory && { workingDirectory: pooled(workingDirectory) }),
    },
  }
}

function connection(
  { sockaddr, atMs }: AuditGroup,
  syscall: AuditRecord,
): Connection | 'ignored' | 'incomplete' | 'malformed' {
  if (sockaddr === undefined) return 'incomplete'
  const destination = auditDestination(sockaddr)
  if (destination === 'malformed') return 'malformed'
  // Nothing can be sent to port 0: resolvers "connect" to it to learn their own address.
  if (destination === 'other-family' || destination.port === 0) return 'ignored'
  const process = processOf(syscall)
  if (process === undefined) return 'malformed'
  const isWaiting = rawField(syscall.line, ' exit=', syscall.bodyAt) === EINPROGRESS
  return {
    kind: 'connection',
    phase: 'start',
    atMs,
    dataset: AUDIT_DATASET,
    ...(isWaiting && { transport: 'tcp' as const }),
    destination,
    process,
  }
}

/** The process of a SYSCALL record; `undefined` where it names none. */
function processOf({ line, bodyAt }: AuditRecord): Process | undefined {
  const pid = numberField(line, ' pid=', bodyAt)
  if (pid === undefined || pid < 0) return undefined
  const parentPid = numberField(line, ' ppid=', bodyAt)
  const executable = textField(line, ' exe=', bodyAt)
  const name = textField(line, ' comm=', bodyAt)
  const user = userOf(line, bodyAt, ' euid=', 'EUID') ?? userOf(line, bodyAt, ' uid=', 'UID')
  const loginUser = userOf(line, bodyAt, ' auid=', 'AUID')
  return {
    pid,
    ...(parentPid !== undefined && { parentPid }),
    ...(executable && { executable: pooled(executable) }),
    ...(name && { name: pooled(name) }),
    ...(user && { user }),
    ...(loginUser && { loginUser }),
  }
}

/** Nobody: a service that no login started. */
const UNSET = new Set(['4294967295', '-1', 'unset'])

function userOf(line: string, from: number, key: string, nameKey: string): User | undefined {
  const id = rawField(line, key, from)
  if (id === undefined || id === '' || UNSET.has(id)) return undefined
  const name = enrichedName(line, nameKey, from)
  return name === undefined ? { id } : { id, name: pooled(name) }
}
