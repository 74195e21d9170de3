/**
 * Reads a bill of materials the way `lsbom` does: from the header to the variable `Paths`, through its
 * tree, to each file. It follows the pointers alone and knows nothing of how the writer lays blocks out.
 */
export interface BomEntry {
  readonly path: string
  readonly mode: number
  readonly user: number
  readonly group: number
  readonly modifiedSeconds: number
  readonly bytes: number
  readonly checksum: number
  readonly linkTarget?: string
}

export function readBom(bom: Buffer): readonly BomEntry[] {
  if (bom.toString('latin1', 0, 8) !== 'BOMStore') throw new Error('no BOMStore')
  const [indexAt, variablesAt] = [bom.readUInt32BE(16), bom.readUInt32BE(24)]
  const block = (number: number): Buffer => {
    const at = indexAt + 4 + 8 * number
    const from = bom.readUInt32BE(at)
    return bom.subarray(from, from + bom.readUInt32BE(at + 4))
  }
  const variables = new Map<string, number>()
  let at = variablesAt + 4
  for (let left = bom.readUInt32BE(variablesAt); left > 0; left--) {
    const length = bom[at + 4] ?? 0
    variables.set(bom.toString('latin1', at + 5, at + 5 + length), bom.readUInt32BE(at))
    at += 5 + length
  }

  const tree = block(variables.get('Paths') ?? 0)
  if (tree.toString('latin1', 0, 4) !== 'tree') throw new Error('Paths is no tree')
  const found: BomEntry[] = []
  const places = new Map<number, string>()
  for (let leaf = tree.readUInt32BE(8); leaf !== 0; ) {
    const node = block(leaf)
    if (node.readUInt16BE(0) !== 1) throw new Error('the first node is no leaf')
    for (let i = 0; i < node.readUInt16BE(2); i++) {
      const about = block(node.readUInt32BE(12 + 8 * i))
      const place = block(node.readUInt32BE(16 + 8 * i))
      const name = place.toString('utf8', 4, place.indexOf(0, 4))
      const parent = places.get(place.readUInt32BE(0))
      const path = parent === undefined ? name : `${parent}/${name}`
      places.set(about.readUInt32BE(0), path)
      found.push({ path, ...facts(block(about.readUInt32BE(4))) })
    }
    leaf = node.readUInt32BE(4)
  }
  if (found.length !== tree.readUInt32BE(16)) throw new Error('the tree has another count')
  return found
}

function facts(it: Buffer): Omit<BomEntry, 'path'> {
  const targetBytes = it.readUInt32BE(27)
  return {
    mode: it.readUInt16BE(4),
    user: it.readUInt32BE(6),
    group: it.readUInt32BE(10),
    modifiedSeconds: it.readUInt32BE(14),
    bytes: it.readUInt32BE(18),
    checksum: it.readUInt32BE(23),
    ...(targetBytes > 0 && { linkTarget: it.toString('utf8', 31, 31 + targetBytes - 1) }),
  }
}
