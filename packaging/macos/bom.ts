/**
 * Writes a bill of materials ("Bom"): what macOS' installer checks files against, and what `lsbom` and
 * `pkgutil --files` list. A store of numbered blocks with an index at the end; named variables point to
 * trees, and the tree `Paths` has an entry for each file: its parent, name, mode, size and checksum.
 *
 * The format is not published; this follows https://github.com/hogliux/bomutils, whose writer gives the
 * same bytes. A tree here has one leaf: at most 256 files.
 */
import { cksum } from './cksum.ts'
import { FILE_TYPE, type TreeEntry, typeOf } from './package-tree.ts'

const HEADER_BYTES = 512
const MAX_PATHS = 256
const TREE_BLOCK = { paths: 4_096, versions: 128 }
const KIND = { file: 1, folder: 2, link: 3 }

export function bom(entries: readonly TreeEntry[]): Buffer {
  if (entries.length > MAX_PATHS) throw new Error(`bom: more than ${MAX_PATHS} files`)
  const blocks: Buffer[] = []
  /** @returns the block's number, from 1 */
  const add = (...parts: readonly Buffer[]): number => blocks.push(Buffer.concat(parts))
  const tree = (leaf: number, blockBytes: number, count: number): number =>
    add(Buffer.from('tree'), words(1, leaf, blockBytes, count), Buffer.from([0]))
  const leaf = (...pairs: readonly Buffer[]): number =>
    add(shorts(1, pairs.length), words(0, 0), ...pairs)

  const sorted = byParent(entries)
  const ids = new Map(sorted.map(({ path }, i) => [path, i + 1]))
  const information = add(words(1, entries.length + 1, 1, 0, 0, 0, 0))
  const pairs = sorted.map((entry) => {
    const about = add(words(ids.get(entry.path) as number, add(...factsOf(entry))))
    const place = add(
      words(ids.get(parentOf(entry.path)) ?? 0),
      Buffer.from(`${nameOf(entry.path)}\0`),
    )
    return words(about, place)
  })
  const paths = tree(leaf(...pairs), TREE_BLOCK.paths, entries.length)
  const hardLinks = tree(leaf(), TREE_BLOCK.paths, 0)
  const versions = add(words(1, tree(leaf(), TREE_BLOCK.versions, 0), 0), Buffer.from([0]))
  const largeFiles = tree(leaf(), TREE_BLOCK.paths, 0)
  return store(blocks, {
    BomInfo: information,
    Paths: paths,
    HLIndex: hardLinks,
    VIndex: versions,
    Size64: largeFiles,
  })
}

/** Breadth first and siblings by name: the order of the tree's keys, which are parent and name. */
function byParent(entries: readonly TreeEntry[]): readonly TreeEntry[] {
  const children = Map.groupBy(entries, ({ path }) => parentOf(path))
  const sorted = [...(children.get('') ?? [])]
  for (const { path } of sorted) {
    const below = children.get(path) ?? []
    sorted.push(...below.toSorted((a, b) => (nameOf(a.path) < nameOf(b.path) ? -1 : 1)))
  }
  return sorted
}

/** Owner and group are root's: both 0. */
function factsOf(entry: TreeEntry): Buffer[] {
  const { mode, contents, modifiedSeconds } = entry
  const type = typeOf(entry)
  const isFolder = type === FILE_TYPE.folder
  const kind = isFolder ? KIND.folder : type === FILE_TYPE.link ? KIND.link : KIND.file
  const target = kind === KIND.link ? Buffer.concat([contents, Buffer.from([0])]) : Buffer.alloc(0)
  const [anyArchitecture, user, group] = [3, 0, 0]
  return [
    Buffer.from([kind, 1]),
    shorts(anyArchitecture, mode),
    words(user, group, modifiedSeconds, contents.length),
    Buffer.from([1]),
    words(isFolder ? 0 : cksum(contents), target.length),
    target,
  ]
}

function store(blocks: readonly Buffer[], variables: Readonly<Record<string, number>>): Buffer {
  const named = Object.entries(variables).flatMap(([name, block]) => [
    words(block),
    Buffer.from([name.length]),
    Buffer.from(name),
  ])
  const table = Buffer.concat([words(Object.keys(variables).length), ...named])
  let at = HEADER_BYTES + table.length
  const pointers = blocks.map(({ length }) => {
    const pointer = words(at, length)
    at += length
    return pointer
  })
  // Block 0 is none; the list of free blocks behind the index is empty.
  const index = Buffer.concat([words(blocks.length + 1, 0, 0), ...pointers, words(0, 0, 0, 0, 0)])
  const header = Buffer.alloc(HEADER_BYTES)
  header.write('BOMStore')
  words(1, blocks.length, at, index.length, HEADER_BYTES, table.length).copy(header, 8)
  return Buffer.concat([header, table, ...blocks, index])
}

/** Of the root there is none. */
const parentOf = (path: string): string => path.split('/').slice(0, -1).join('/')
const nameOf = (path: string): string => path.split('/').at(-1) ?? path

function words(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(4 * values.length)
  for (const [i, value] of values.entries()) buffer.writeUInt32BE(value, 4 * i)
  return buffer
}

function shorts(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(2 * values.length)
  for (const [i, value] of values.entries()) buffer.writeUInt16BE(value, 2 * i)
  return buffer
}
