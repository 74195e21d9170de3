/**
 * What of a Mach-O file a loader reads, by other code than what signs and strips: each segment's bytes
 * from its first section on, and the tables by which addresses are fixed and symbols are found. The
 * symbol table, which only tools read, and the signature are not in it.
 *
 * Layout: <mach-o/loader.h> of Apple's xnu.
 */

const SEGMENT_64 = 0x19
/** Tables of one offset and size: function starts, data in code, exports, chained fixups. */
const TABLES: Readonly<Record<number, string>> = {
  38: 'function starts',
  41: 'data in code',
  2147483699: 'exports',
  2147483700: 'chained fixups',
}
/** Five of them in one: rebase, bind, weak bind, lazy bind, exports. */
const DYLD_INFO = 0x8000_0022

export function loadedParts(file: Buffer): ReadonlyMap<string, Buffer> {
  const parts = new Map<string, Buffer>()
  const cut = (at: number): Buffer => {
    const [start, bytes] = [file.readUInt32LE(at), file.readUInt32LE(at + 4)]
    return file.subarray(start, start + bytes)
  }
  let at = 32
  for (let left = file.readUInt32LE(16); left > 0; left--) {
    const command = file.readUInt32LE(at)
    const table = TABLES[command]
    if (table !== undefined) parts.set(table, cut(at + 8))
    if (command === DYLD_INFO) {
      for (let i = 0; i < 5; i++) parts.set(`dyld info ${i}`, cut(at + 8 + 8 * i))
    }
    if (command === SEGMENT_64) {
      const name = file.toString('latin1', at + 8, at + 24).replace(/\0.*$/s, '')
      const start = Number(file.readBigUInt64LE(at + 40))
      const end = start + Number(file.readBigUInt64LE(at + 48))
      if (name !== '__LINKEDIT') parts.set(name, file.subarray(start || firstSection(at), end))
    }
    at += file.readUInt32LE(at + 4)
  }
  return parts

  /** Before it lie the header and the load commands, which a signature changes. */
  function firstSection(segmentAt: number): number {
    const count = file.readUInt32LE(segmentAt + 64)
    const offsets = Array.from({ length: count }, (_, i) =>
      file.readUInt32LE(segmentAt + 72 + 80 * i + 48),
    ).filter((offset) => offset > 0)
    return Math.min(...offsets)
  }
}
