/**
 * Which process holds a socket, by the links in `/proc/<pid>/fd`.
 *
 * A look at every open file of the host costs tens of milliseconds, so it is done for inodes that
 * are new only, and asks the likely processes first: those that lately had a socket found in them,
 * then the youngest. Without root, the files of other users' processes cannot be read.
 */
import { readdirSync, readlinkSync } from 'node:fs'
import { codeOf } from '../errors.ts'

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
      let links = 0
      let refused = 0

      const ask = (pid: number): void => {
        const dir = `${procDir}/${pid}/fd`
        for (const fd of filesIn(dir, () => refused++)) {
          links++
          const inode = socketInode(`${dir}/${fd}`)
          if (inode === undefined || !wanted.delete(inode)) continue
          found.set(inode, pid)
          likely.delete(pid)
          likely.add(pid)
          if (wanted.size === 0) return
        }
      }
      const askAll = (pids: readonly number[]): void => {
        for (const pid of pids) {
          if (wanted.size === 0 || links > MAX_LINKS) return
          ask(pid)
        }
      }

      if (wanted.size === 0) return found
      const first = [...likely].reverse()
      askAll(first)
      if (wanted.size > 0) {
        const others = pidsIn(procDir).filter((pid) => !first.includes(pid))
        askAll(others.sort((a, b) => b - a))
        unreadable = refused
      }
      for (const pid of likely) if (likely.size > LIKELY_PIDS) likely.delete(pid)
      return found
    },
  }
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
