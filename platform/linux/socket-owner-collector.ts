/**
 * Which process holds a socket, by the links in `/proc/<pid>/fd`.
 *
 * A look at every open file of the host costs tens of milliseconds, so it is done for inodes that
 * are new only, and asks the likely processes first: those that lately had a socket found in them,
 * then the youngest. A socket that a child has inherited is its parent's. Without root, the files of other users' processes cannot be read.
 */
import { readdirSync, readlinkSync } from 'node:fs'
import { codeOf } from '../errors.ts'
import { tryReadKernelFile } from './proc-file-collector.ts'
import { parseProcStat } from './proc-stat.ts'

/** Processes that opened sockets lately are asked first; more than this is no shortcut. */
const LIKELY_PIDS = 64
/** Links read for one look: bounds it to about 100 ms where a socket's owner is not to be found. */
const MAX_LINKS = 30_000

export interface SocketOwners {
  /** @returns inode to pid, for those that were found */
  find(inodes: Iterable<number>): ReadonlyMap<number, number>
  /** Processes whose files could not be read for want of rights, in the last look that asked all. */
  readonly unreadable: number
}

export function socketOwners(procDir = '/proc'): SocketOwners {
  /** Most recent last. */
  const likely = new Set<number>()
  let unreadable = 0

  return {
    get unreadable() {
      return unreadable
    },
    find(inodes) {
      const wanted = new Set(inodes)
      const found = new Map<number, number>()
      const asked = new Map<number, ReadonlySet<number>>()
      let links = 0
      let refused = 0

      const heldBy = (pid: number): ReadonlySet<number> => {
        const known = asked.get(pid)
        if (known !== undefined) return known
        const held = new Set<number>()
        const dir = `${procDir}/${pid}/fd`
        for (const fd of filesIn(dir, () => refused++)) {
          links++
          const inode = socketInode(`${dir}/${fd}`)
          if (inode !== undefined) held.add(inode)
        }
        asked.set(pid, held)
        return held
      }
      /** The eldest in a line of parents that hold the socket: it opened it, and the others have it from it. */
      const opener = (pid: number, inode: number): number => {
        const parent = parentOf(procDir, pid)
        return parent > 1 && heldBy(parent).has(inode) ? opener(parent, inode) : pid
      }
      const askAll = (pids: readonly number[]): void => {
        for (const pid of pids) {
          if (wanted.size === 0 || links > MAX_LINKS) return
          for (const inode of heldBy(pid)) {
            if (!wanted.delete(inode)) continue
            const owner = opener(pid, inode)
            found.set(inode, owner)
            likely.delete(owner)
            likely.add(owner)
          }
        }
      }

      if (wanted.size === 0) return found
      const first = [...likely].reverse()
      askAll(first)
      if (wanted.size > 0) {
        const others = pidsIn(procDir).filter((pid) => !likely.has(pid))
        askAll(others.sort((a, b) => b - a))
        unreadable = refused
      }
      for (const pid of likely) if (likely.size > LIKELY_PIDS) likely.delete(pid)
      return found
    },
  }
}

/** 0 where it is gone. */
function parentOf(procDir: string, pid: number): number {
  const stat = parseProcStat(tryReadKernelFile(`${procDir}/${pid}/stat`) ?? '')
  return stat.ok ? stat.value.parentPid : 0
}

const pidsIn = (procDir: string): number[] =>
  readdirSync(procDir)
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid > 0)

/** The names of a process's open files; none where it is gone or not ours to read. */
function filesIn(dir: string, onRefused: () => void): readonly string[] {
  try {
    return readdirSync(dir)
  } catch (error) {
    if (codeOf(error) === 'EACCES' || codeOf(error) === 'EPERM') onRefused()
    return []
  }
}

/** `socket:[15526]` is a socket; `undefined` for any other file, and for one that was closed. */
function socketInode(path: string): number | undefined {
  try {
    const link = readlinkSync(path)
    return link.startsWith('socket:[') ? Number(link.slice(8, -1)) : undefined
  } catch {
    return undefined
  }
}
