/** SQLite's errors as ours: what a person can act on has a code and a remedy, the rest is a bug. */
import { AgentError, codeOf, messageOf } from '../platform/errors.ts'

/**
 * @param path of the database
 * @returns `error` itself where it is none of SQLite's that we know
 */
export function toStoreError(path: string, error: unknown): unknown {
  const code = codeOf(error) ?? ''
  if (error instanceof AgentError) return error
  if (FULL.has(code)) {
    return new AgentError('ERR_STORE_FULL', `${path}: no room to write (${messageOf(error)})`, {
      cause: error,
      remedy: 'free space on this disk; the agent goes on by itself',
    })
  }
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) {
    return new AgentError('ERR_STORE_CORRUPT', `${path}: damaged (${messageOf(error)})`, {
      cause: error,
      remedy: 'move it away; the agent begins a new one',
    })
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new AgentError('ERR_STORE_LOCKED', `${path}: held by another program`, {
      cause: error,
      remedy: 'end the program that has it open',
    })
  }
  if (/^SQLITE_(IOERR|CANTOPEN|READONLY|PERM)/.test(code)) {
    return new AgentError('ERR_STORE_IO', `${path}: ${messageOf(error)} (${code})`, {
      cause: error,
      remedy: 'check the disk, and who may write there',
    })
  }
  return error
}

/** The second and third are how a full disk or quota shows in the shared memory and the WAL. */
const FULL = new Set(['SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE', 'SQLITE_IOERR_WRITE'])
