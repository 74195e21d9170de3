/** User names for uids on this host, from `/etc/passwd`, read again when the file was written. */
import { readFileSync, statSync } from 'node:fs'
import type { User } from '../event.ts'
import { parsePasswd } from './passwd.ts'

export interface UserNames {
  /** Reads the file again if it has changed; costs one `stat`. Never throws. */
  refresh(): void
  /** @param uid as number or text */
  userOf(uid: number | string): User
}

/** Starts with the file as it is now; an unreadable file leaves users without names. */
export function userNames(path = '/etc/passwd'): UserNames {
  let names: ReadonlyMap<string, string> = new Map()
  let stamp: string | undefined

  function refresh(): void {
    try {
      const { mtimeMs, size, ino } = statSync(path)
      const now = `${mtimeMs} ${size} ${ino}`
      if (now === stamp) return
      names = parsePasswd(readFileSync(path, 'utf8'))
      stamp = now
    } catch {
      // Kept: between rename and create the old names are still right.
    }
  }

  refresh()
  return {
    refresh,
    userOf(uid) {
      const id = String(uid)
      const name = names.get(id)
      return name === undefined ? { id } : { id, name }
    },
  }
}
