/**
 * The files of a package, as its archives list them: owned by root, all of one time, sorted, so that two
 * builds of the same files are the same bytes.
 */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

export interface TreeEntry {
  /** `.` for the root, else `./a/b`. */
  readonly path: string
  /** File type and permissions, as `st_mode` has them. */
  readonly mode: number
  /** Of a file its bytes, of a link its target, of a folder none. */
  readonly contents: Buffer
  /** Seconds since 1970: of all entries the same. */
  readonly modifiedSeconds: number
}

export const FILE_TYPE = { mask: 0o170_000, folder: 0o040_000, link: 0o120_000, file: 0o100_000 }

export const typeOf = ({ mode }: TreeEntry): number => mode & FILE_TYPE.mask

/** Every file below `root`; a folder comes before what is in it. */
export function readTree(root: string, modifiedSeconds: number): readonly TreeEntry[] {
  return entriesOf('.')

  function entriesOf(path: string): TreeEntry[] {
    const onDisk = join(root, path)
    const found = lstatSync(onDisk)
    const permissions = found.mode & 0o7777
    const entry = (mode: number, contents: Buffer) => ({ path, mode, contents, modifiedSeconds })
    if (found.isSymbolicLink()) {
      return [entry(FILE_TYPE.link | 0o755, Buffer.from(readlinkSync(onDisk)))]
    }
    if (found.isFile()) return [entry(FILE_TYPE.file | permissions, readFileSync(onDisk))]
    if (!found.isDirectory()) throw new Error(`${onDisk}: no file, folder or link`)
    const children = readdirSync(onDisk).sort()
    return [
      entry(FILE_TYPE.folder | permissions, Buffer.alloc(0)),
      ...children.flatMap((name) => entriesOf(`${path}/${name}`)),
    ]
  }
}
