/**
 * Puts the records of one audit event together again: they come interleaved with those of others.
 * Pure; time is event time. Groups are handed out in the order in which their first record came, so
 * that a place in the stream has nothing incomplete behind it, and can be a bookmark.
 *
 * A group ends with EOE (dispatcher) or PROCTITLE (the log has no EOE), where it has what its call
 * needs; otherwise when it is old. auditd itself waits 2 s (`end_of_event_timeout`).
 */
import { type AuditCall, auditCall } from './audit-call.ts'
import type { AuditRecord } from './audit-record.ts'

/** The records of one event that we read. */
export interface AuditGroup {
  /** As in its records. */
  readonly node: string
  readonly atMs: number
  readonly serial: number
  syscall: AuditRecord | undefined
  /** What the system call is; `undefined` until its record is there. */
  call: AuditCall | undefined
  execve: AuditRecord[]
  sockaddr: AuditRecord | undefined
  cwd: AuditRecord | undefined
  proctitle: AuditRecord | undefined
  /** Records in it, EOE too. */
  records: number
  isDone: boolean
}

export interface AuditAssembler {
  /** Takes a record of a kind that makes up events. @returns false where it belongs to none. */
  push(record: AuditRecord): boolean
  /** The groups that are complete, given up, or too old at `nowMs`. */
  take(nowMs: number): readonly AuditGroup[]
  /** All groups: nothing more will come. */
  end(): readonly AuditGroup[]
  /** Records held in groups that were not handed out. */
  readonly pendingRecords: number
  /** The groups that wait, oldest first. */
  pending(): readonly AuditGroup[]
}

export interface AssembleLimits {
  /** How long a group waits for its records, ms of event time. */
  readonly timeoutMs: number
  /** Groups held at once. */
  readonly maxGroups: number
  /** Characters of records held at once: one execve may have megabytes of arguments. */
  readonly maxChars: number
}

export const ASSEMBLE_LIMITS: AssembleLimits = {
  timeoutMs: 2_000,
  maxGroups: 16_384,
  maxChars: 32 << 20,
}

export function auditAssembler(limits: AssembleLimits = ASSEMBLE_LIMITS): AuditAssembler {
  /** By serial: two events share one only where a clock was set, or several hosts write one log. */
  const open = new Map<number, AuditGroup[]>()
  let queue: AuditGroup[] = []
  let head = 0
  let last: AuditGroup | undefined
  let pendingRecords = 0
  let pendingChars = 0

  function groupOf(record: AuditRecord): AuditGroup | undefined {
    if (last !== undefined && isOf(last, record)) return last.isDone ? undefined : last
    const { node, atMs, serial } = record
    const same = open.get(serial)
    const found = same?.find((group) => isOf(group, record))
    if (found !== undefined) return found
    if (record.kind === 'eoe') return undefined
    const group: AuditGroup = {
      node,
      atMs,
      serial,
      syscall: undefined,
      call: undefined,
      execve: [],
      sockaddr: undefined,
      cwd: undefined,
      proctitle: undefined,
      records: 0,
      isDone: false,
    }
    if (same === undefined) open.set(serial, [group])
    else same.push(group)
    queue.push(group)
    return group
  }

  function finish(group: AuditGroup): void {
    group.isDone = true
    const others = open.get(group.serial)?.filter((other) => other !== group) ?? []
    if (others.length === 0) open.delete(group.serial)
    else open.set(group.serial, others)
  }

  // Either way: a clock that was set back must not leave groups waiting for hours.
  const isOld = ({ atMs }: AuditGroup, nowMs: number): boolean =>
    Math.abs(nowMs - atMs) > limits.timeoutMs
  const isOverfull = (): boolean =>
    queue.length - head > limits.maxGroups || pendingChars > limits.maxChars

  function takeWhile(isDue: (group: AuditGroup) => boolean): readonly AuditGroup[] {
    const first = queue[head]
    // Asked behind each record, and nearly always in vain.
    if (first === undefined || !isDue(first)) return NONE
    const from = head
    for (let group = queue[head]; group !== undefined && isDue(group); group = queue[++head]) {
      if (!group.isDone) finish(group)
      pendingRecords -= group.records
      pendingChars -= charsOf(group)
    }
    const taken = queue.slice(from, head)
    if (head === queue.length || head > 4096) {
      queue = queue.slice(head)
      head = 0
    }
    return taken
  }

  return {
    push(record) {
      const group = groupOf(record)
      if (group === undefined) return false
      last = group
      group.records++
      pendingRecords++
      pendingChars += add(group, record)
      const isEnd = record.kind === 'eoe' || record.kind === 'proctitle'
      if (isEnd && hasAllItNeeds(group)) finish(group)
      return true
    },
    take: (nowMs) => takeWhile((group) => group.isDone || isOld(group, nowMs) || isOverfull()),
    end() {
      // Its records may come again, from another source.
      last = undefined
      return takeWhile(() => true)
    },
    pending: () => queue.slice(head),
    get pendingRecords() {
      return pendingRecords
    },
  }
}

const NONE: readonly AuditGroup[] = []

const isOf = (group: AuditGroup, { serial, atMs, node }: AuditRecord): boolean =>
  group.serial === serial && group.atMs === atMs && group.node === node

/** @returns characters held more */
function add(group: AuditGroup, record: AuditRecord): number {
  switch (record.kind) {
    case 'syscall':
      if (group.syscall !== undefined) return 0
      group.syscall = record
      group.call = auditCall(record)
      break
    case 'execve':
      group.execve.push(record)
      break
    case 'sockaddr':
    case 'cwd':
    case 'proctitle':
      // Twice where a call takes two addresses: the first is its own.
      if (group[record.kind] !== undefined) return 0
      group[record.kind] = record
      break
    default:
      return 0
  }
  return record.line.length
}

const charsOf = (group: AuditGroup): number =>
  (group.syscall?.line.length ?? 0) +
  group.execve.reduce((sum, { line }) => sum + line.length, 0) +
  (group.sockaddr?.line.length ?? 0) +
  (group.cwd?.line.length ?? 0) +
  (group.proctitle?.line.length ?? 0)

function hasAllItNeeds(group: AuditGroup): boolean {
  switch (group.call) {
    case undefined:
      return false
    case 'exec':
      return group.execve.length > 0
    case 'connect':
      return group.sockaddr !== undefined
    default:
      return true
  }
}
