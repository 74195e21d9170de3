/**
 * An assembled audit event as one of ours: a program that started, or a connection that was opened.
 * Pure.
 *
 * What audit cannot tell: whether a connected socket is TCP or UDP (`connect` serves both). Only
 * EINPROGRESS settles it, since a datagram socket never has to wait; otherwise `transport` is absent.
 */
import type { Connection, Event, Process, ProcessStart, User } from '../event.ts'
import { textPool } from '../shared/own-text.ts'
import { execveArgs, proctitleArgs } from './audit-args.ts'
import type { AuditGroup } from './audit-assemble.ts'
import { EINPROGRESS } from './audit-call.ts'
import {
  type AuditRecord,
  enrichedName,
  fieldAt,
  numberAt,
  rawField,
  textAt,
  textField,
  valueAt,
} from './audit-record.ts'
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
      ...(args && { args }),
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

/**
 * The process of a SYSCALL record; `undefined` where it names none. Each field is looked for behind the
 * one before, in the kernel's order (`audit_log_exit`).
 */
function processOf({ line, bodyAt }: AuditRecord): Process | undefined {
  const near = (key: string, from: number): number =>
    fieldAt(line, key, Math.max(from, bodyAt), bodyAt)
  const parentAt = near(' ppid=', bodyAt)
  const pidAt = near(' pid=', parentAt)
  const pid = numberAt(line, pidAt)
  if (pid === undefined || pid < 0) return undefined
  const parentPid = numberAt(line, parentAt)
  const loginAt = near(' auid=', pidAt)
  const userAt = near(' uid=', loginAt)
  const effectiveAt = near(' euid=', userAt)
  const nameAt = near(' comm=', effectiveAt)
  const executableAt = near(' exe=', nameAt)
  const name = textAt(line, nameAt)
  const executable = textAt(line, executableAt)
  const namesAt = Math.max(executableAt, bodyAt)
  const user =
    userOf(line, effectiveAt, 'EUID="', namesAt) ?? userOf(line, userAt, 'UID="', namesAt)
  const loginUser = userOf(line, loginAt, 'AUID="', namesAt)
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
/** The last user of each id: a host has few, and each is in every event of its programs. */
const users = new Map<string, User>()
const MAX_USERS = 1_024

function userOf(line: string, at: number, nameKey: string, namesAt: number): User | undefined {
  const id = at < 0 ? '' : valueAt(line, at)
  if (id === '' || UNSET.has(id)) return undefined
  const name = enrichedName(line, nameKey, namesAt)
  const known = users.get(id)
  if (known !== undefined && known.name === name) return known
  const ownId = pooled(id)
  const user = name === undefined ? { id: ownId } : { id: ownId, name: pooled(name) }
  if (users.size >= MAX_USERS) users.clear()
  users.set(ownId, user)
  return user
}
