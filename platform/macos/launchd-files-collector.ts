/**
 * One look at the folders where launchd keeps its property lists. Only regular files of bounded size are
 * read, and each again only when it has changed: there are some eight hundred on a Mac.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../errors.ts'
import type { Schedule } from '../event.ts'
import type { Parsed } from '../parsed.ts'
import { malformed } from '../parsed.ts'
import { parseLaunchdPlist } from './launchd-plist.ts'

/** The first that has a label counts, as in launchd. */
const FOLDERS = [
  '/Library/LaunchDaemons',
  '/Library/LaunchAgents',
  '/System/Library/LaunchDaemons',
  '/System/Library/LaunchAgents',
  '/var/root/Library/LaunchAgents',
]
const HOMES = '/Users'
/** Sealed by Apple: nobody adds a job to it, and most of its jobs start on a request. */
const SEALED = '/System/'
const MAX_FILE_BYTES = 1 << 20

export interface LaunchdScan {
  /** By label. Of the sealed system only those with a rhythm of their own. */
  readonly schedules: ReadonlyMap<string, Schedule>
  /** Of all that is written, the sealed system's too. */
  readonly labels: ReadonlySet<string>
  /** Whose homes there are: launchd has a domain for each of them that is logged in. */
  readonly uids: readonly number[]
  /** Places that could not be read for want of rights. */
  readonly unreadable: readonly string[]
  /** Files that are no job, each with its reason: `/Library/LaunchAgents/x.plist: cut off`. */
  readonly malformed: readonly string[]
}

interface Kept {
  readonly stamp: string
  readonly result: Parsed<Schedule>
}

/** @param rootDir stands for `/` */
export function launchdFiles(rootDir: string): { scan(): Promise<LaunchdScan> } {
  let before = new Map<string, Kept>()

  async function scan(): Promise<LaunchdScan> {
    const now = new Map<string, Kept>()
    const unreadable: string[] = []

    async function attempt<T>(path: string, act: (real: string) => Promise<T>) {
      try {
        return await act(join(rootDir, path))
      } catch (error) {
        const code = codeOf(error) ?? ''
        if (code === 'EACCES' || code === 'EPERM') unreadable.push(path)
        else if (!MISSING.includes(code)) throw error
        return undefined
      }
    }

    const list = async (folder: string): Promise<readonly string[]> =>
      (await attempt(folder, (real) => readdir(real)))?.sort() ?? []

    async function read(file: string, real: string): Promise<void> {
      const facts = await stat(real)
      if (!facts.isFile()) return
      const stamp = `${facts.ino} ${facts.size} ${facts.mtimeMs} ${facts.ctimeMs}`
      const kept = before.get(file)
      if (kept?.stamp === stamp) {
        now.set(file, kept)
        return
      }
      const modifiedMs = Math.floor(facts.mtimeMs)
      const result =
        facts.size > MAX_FILE_BYTES
          ? malformed(`${file}: larger than ${MAX_FILE_BYTES} bytes`)
          : parseLaunchdPlist(await readFile(real), { file, modifiedMs })
      now.set(file, { stamp, result })
    }

    const people = await list(HOMES)
    const owners = people.map((name) => attempt(`${HOMES}/${name}`, (real) => stat(real)))
    const uids = (await Promise.all(owners)).flatMap((home) => (home?.uid ? [home.uid] : []))
    const homes = people.map((name) => `${HOMES}/${name}/Library/LaunchAgents`)
    for (const folder of [...FOLDERS, ...homes]) {
      for (const name of await list(folder)) {
        if (!name.endsWith('.plist') || name.startsWith('.')) continue
        const file = `${folder}/${name}`
        await attempt(file, (real) => read(file, real))
      }
    }
    before = now
    return { ...sorted(now), uids: [...new Set(uids)], unreadable }
  }

  return { scan }
}

const MISSING = ['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR']

function sorted(files: ReadonlyMap<string, Kept>): Omit<LaunchdScan, 'uids' | 'unreadable'> {
  const schedules = new Map<string, Schedule>()
  const labels = new Set<string>()
  const malformed: string[] = []
  for (const [file, { result }] of files) {
    if (!result.ok) malformed.push(result.reason)
    else labels.add(result.value.id)
    if (!result.ok || (file.startsWith(SEALED) && result.value.timing === undefined)) continue
    if (!schedules.has(result.value.id)) schedules.set(result.value.id, result.value)
  }
  return { schedules, labels, malformed }
}
