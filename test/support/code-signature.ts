/**
 * Reads a Mach-O file's signature and checks it, by other code than what signs. It knows enough to check
 * Apple's own signatures too, which is how it is known to be right.
 *
 * Layout: <kern/cs_blobs.h> of Apple's xnu.
 */
import { createHash } from 'node:crypto'

export interface CodeSignature {
  readonly identifier: string
  readonly flags: number
  readonly pages: number
  /** Numbers of the pages whose hash is not what the signature says. */
  readonly wrongPages: readonly number[]
  /** The end of what is signed, and of the file. */
  readonly codeBytes: number
  readonly endsWithFile: boolean
}

/** @returns `undefined` where there is none */
export function codeSignatureOf(file: Buffer): CodeSignature | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  let command = 32
  for (let left = view.getUint32(16, true); left > 0; left--) {
    if (view.getUint32(command, true) === 0x1d) {
      const [at, bytes] = [view.getUint32(command + 8, true), view.getUint32(command + 12, true)]
      return read(file.subarray(0, at), file.subarray(at, at + bytes), at + bytes === file.length)
    }
    command += view.getUint32(command + 4, true)
  }
  return undefined
}

function read(code: Buffer, blob: Buffer, endsWithFile: boolean): CodeSignature {
  if (blob.readUInt32BE(0) !== 0xfade0cc0) throw new Error('no embedded signature')
  const directories = Array.from({ length: blob.readUInt32BE(8) }, (_, i) =>
    blob.subarray(blob.readUInt32BE(16 + 8 * i)),
  ).filter((it) => it.readUInt32BE(0) === 0xfade0c02)
  // Apple's have one with SHA-1 for old systems, and one with SHA-256.
  const directory = directories.find((it) => it[37] === 2)
  if (directory === undefined) throw new Error('no code directory with SHA-256')
  const hashesAt = directory.readUInt32BE(16)
  const nameAt = directory.readUInt32BE(20)
  const pages = directory.readUInt32BE(28)
  const codeBytes = directory.readUInt32BE(32)
  const pageBytes = 2 ** (directory[39] ?? 0)
  const wrongPages: number[] = []
  for (let page = 0; page < pages; page++) {
    const bytes = code.subarray(page * pageBytes, Math.min(codeBytes, (page + 1) * pageBytes))
    const wanted = directory.subarray(hashesAt + 32 * page, hashesAt + 32 * (page + 1))
    if (!createHash('sha256').update(bytes).digest().equals(wanted)) wrongPages.push(page)
  }
  return {
    identifier: directory.toString('utf8', nameAt, directory.indexOf(0, nameAt)),
    flags: directory.readUInt32BE(12),
    ...{ pages, wrongPages, codeBytes, endsWithFile },
  }
}
