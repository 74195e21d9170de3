/**
 * What `agent hunt` is given: files, and folders with all that is in them. A folder that was copied
 * from a host (`etc/`, `var/spool/cron/`) has its job definitions looked through as on a live one.
 */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Schedule } from '../../platform/event.ts'
import { schedulesUnder } from '../../platform/linux/index.ts'
import { definitionRoot } from '../hunt/places.ts'

export interface HuntFiles {
  /** To be read as recordings. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[]
  /** Of copied hosts, by their place. */
  readonly schedules: ReadonlyMap<string, readonly Schedule[]>
  /** Definitions that are none, a line each. */
  readonly malformed: readonly string[]
}

export async function huntFiles(paths: readonly string[]): Promise<HuntFiles> {
  const files: { path: string; bytes: number }[] = []
  const schedules = new Map<string, readonly Schedule[]>()
  const malformed: string[] = []
  for (const path of paths) {
    const found = statSync(path, { throwIfNoEntry: false })
    // What can't be looked at is told when it is read.
    if (found?.isDirectory() !== true) {
      files.push({ path, bytes: found?.size ?? 0 })
      continue
    }
    const roots = new Set<string>()
    for (const file of filesIn(path)) {
      const root = definitionRoot(file)
      if (root === undefined || !isWithin(root, path)) {
        files.push({ path: file, bytes: statSync(file).size })
      } else roots.add(root)
    }
    for (const root of roots) {
      const host = await schedulesUnder(root)
      schedules.set(root, host.schedules)
      malformed.push(...host.malformed.map((complaint) => join(root, complaint)))
    }
  }
  return { files, schedules, malformed }
}

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()

/** Nothing is looked at that lies outside of what was named. */
const isWithin = (root: string, folder: string): boolean =>
  `${join(root)}/`.startsWith(`${join(folder, '.').replace(/\/$/, '')}/`)
