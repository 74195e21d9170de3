/**
 * Reads small files and folders of job definitions, as a process with root's rights must: regular files
 * only, of bounded size, and each again only when it has changed. What is not there is empty; what may
 * not be read is named.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../errors.ts'
import type { EpochMs } from '../event.ts'

/** The largest crontab or unit that is read; a real one has a thousandth of it. */
const MAX_FILE_BYTES = 1 << 20

export interface ScheduleText {
  /** As the host names it, without `rootDir`. */
  readonly path: string
  readonly text: string
  readonly modifiedMs: EpochMs
}

export interface FoundFile {
  readonly path: string
  readonly modifiedMs: EpochMs
  readonly isExecutable: boolean
}

export interface ScheduleFiles {
  /** `undefined` where there is no such regular file. */
  read(path: string): Promise<ScheduleText | undefined>
  /** The file's facts without its text; follows links. */
  find(path: string): Promise<FoundFile | undefined>
  /** Names in a folder, sorted; empty where there is none. */
  list(folder: string): Promise<readonly string[]>
  /** Begins a look: forgets what was unreadable, and the texts that the last look did not ask for. */
  begin(): void
  /** Places that this look was not let into. */
  readonly unreadable: ReadonlySet<string>
}

interface Kept {
  readonly stamp: string
  readonly file: ScheduleText
}

/** @param rootDir stands for `/` */
export function scheduleFiles(rootDir: string): ScheduleFiles {
  const unreadable = new Set<string>()
  let before = new Map<string, Kept>()
  let now = new Map<string, Kept>()

  /** `undefined` for what is missing, vanished or forbidden; the latter is remembered. */
  async function attempt<T>(path: string, act: (real: string) => Promise<T>) {
    try {
      return await act(join(rootDir, path))
    } catch (error) {
      const code = codeOf(error)
      if (code === 'EACCES' || code === 'EPERM') unreadable.add(path)
      else if (!MISSING.includes(code ?? '')) throw error
      return undefined
    }
  }

  return {
    unreadable,
    begin() {
      before = now
      now = new Map()
      unreadable.clear()
    },
    read: (path) =>
      attempt(path, async (real) => {
        const facts = await stat(real)
        if (!facts.isFile() || facts.size > MAX_FILE_BYTES) return undefined
        const stamp = `${facts.ino} ${facts.size} ${facts.mtimeMs} ${facts.ctimeMs}`
        const kept = now.get(path) ?? before.get(path)
        const isSame = kept?.stamp === stamp
        const file = isSame
          ? kept.file
          : { path, text: await readFile(real, 'utf8'), modifiedMs: Math.floor(facts.mtimeMs) }
        now.set(path, { stamp, file })
        return file
      }),
    find: (path) =>
      attempt(path, async (real) => {
        const facts = await stat(real)
        if (!facts.isFile()) return undefined
        const isExecutable = (facts.mode & 0o111) !== 0
        return { path, modifiedMs: Math.floor(facts.mtimeMs), isExecutable }
      }),
    list: async (folder) => (await attempt(folder, (real) => readdir(real)))?.sort() ?? [],
  }
}

const MISSING = ['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR']
