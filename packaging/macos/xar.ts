/**
 * Writes a xar archive, which is what a flat macOS package is: a compressed XML table of contents, its
 * SHA-1, and the files one after the other. The files are stored as they are, since the large ones are
 * compressed already.
 *
 * Format: https://github.com/apple-oss-distributions/xar; SHA-1 is what every macOS reads.
 */
import { hash } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { xmlText } from './xml-text.ts'

const HEADER_BYTES = 28
const SHA1 = { id: 1, bytes: 20 }

export type XarEntry =
  | { readonly name: string; readonly contents: Buffer }
  | { readonly name: string; readonly children: readonly XarEntry[] }

export function xar(entries: readonly XarEntry[], createdSeconds: number): Buffer {
  const heap: Buffer[] = []
  let heapBytes = SHA1.bytes
  let lastId = 0

  function element(entry: XarEntry): string {
    const id = ++lastId
    const about = (type: string, mode: string, more: string): string =>
      `<file id="${id}"><name>${xmlText(entry.name)}</name><type>${type}</type><mode>${mode}</mode>${more}</file>`
    if ('children' in entry) return about('directory', '0755', entry.children.map(element).join(''))
    const { contents } = entry
    const sum = hash('sha1', contents)
    const data = [
      `<length>${contents.length}</length><offset>${heapBytes}</offset><size>${contents.length}</size>`,
      '<encoding style="application/octet-stream"/>',
      `<extracted-checksum style="sha1">${sum}</extracted-checksum>`,
      `<archived-checksum style="sha1">${sum}</archived-checksum>`,
    ]
    heap.push(contents)
    heapBytes += contents.length
    return about('file', '0644', `<data>${data.join('')}</data>`)
  }

  const files = entries.map(element).join('')
  const created = new Date(createdSeconds * 1000).toISOString().slice(0, 19)
  const table = Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\n<xar><toc><checksum style="sha1"><offset>0</offset><size>${SHA1.bytes}</size></checksum><creation-time>${created}</creation-time>${files}</toc></xar>`,
  )
  const compressed = deflateSync(table, { level: 9 })
  const header = Buffer.alloc(HEADER_BYTES)
  header.write('xar!')
  header.writeUInt16BE(HEADER_BYTES, 4)
  header.writeUInt16BE(1, 6)
  header.writeBigUInt64BE(BigInt(compressed.length), 8)
  header.writeBigUInt64BE(BigInt(table.length), 16)
  header.writeUInt32BE(SHA1.id, 24)
  return Buffer.concat([header, compressed, hash('sha1', compressed, 'buffer'), ...heap])
}
