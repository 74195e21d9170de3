/**
 * Writes a cpio archive in the old portable format ("odc"), in which macOS' installer takes files and
 * scripts. All of it belongs to root.
 *
 * Format: cpio(5) of libarchive; numbers are octal text of fixed width.
 */
import type { TreeEntry } from './package-tree.ts'

/** What a width of 6 or 11 octal digits can say. */
const MAX_NUMBER = { 6: 0o777_777, 11: 0o77_777_777_777 }

export function cpio(entries: readonly TreeEntry[]): Buffer {
  const members = entries.map((entry, i) => member(entry, i + 1))
  const end = { path: 'TRAILER!!!', mode: 0, contents: Buffer.alloc(0), modifiedSeconds: 0 }
  return Buffer.concat([...members, member(end, 0)])
}

function member({ path, mode, contents, modifiedSeconds }: TreeEntry, inode: number): Buffer {
  const name = Buffer.from(`${path}\0`)
  const [device, user, group, links, specialDevice] = [0, 0, 0, 1, 0]
  const header = [
    '070707',
    ...[device, inode, mode, user, group, links, specialDevice].map((value) => octal(value, 6)),
    octal(modifiedSeconds, 11),
    octal(name.length, 6),
    octal(contents.length, 11),
  ]
  return Buffer.concat([Buffer.from(header.join('')), name, contents])
}

function octal(value: number, width: 6 | 11): string {
  if (value > MAX_NUMBER[width])
    throw new Error(`cpio: ${value} does not fit ${width} octal digits`)
  return value.toString(8).padStart(width, '0')
}
