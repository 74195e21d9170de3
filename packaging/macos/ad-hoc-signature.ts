/**
 * Signs a Mach-O executable ad hoc: a code directory with the hash of each page and no certificate, as
 * Apple's linker writes it. Apple's processors run nothing without at least that. It says who made a
 * file as little as a checksum does: for Gatekeeper there is the signing step of the README.
 *
 * Layout: <kern/cs_blobs.h> of Apple's xnu; all numbers big-endian. Where that leaves a choice, LLVM's is
 * taken, so that both give the same bytes.
 */
import { createHash } from 'node:crypto'
import { readMachO, roundUp, withSignatureCommand } from './mach-o.ts'

const SUPER_BLOB = 0xfade0cc0
const CODE_DIRECTORY = 0xfade0c02
/** The version with the bounds of the main segment. */
const VERSION = 0x2_0400
const DIRECTORY_BYTES = 88
/** A super blob with one entry is 20 bytes; the directory begins at a multiple of 8. */
const SUPER_BLOB_BYTES = 24
/** CS_ADHOC and CS_LINKER_SIGNED: `codesign` may replace it without being forced to. */
const FLAGS = 0x2 | 0x2_0000
const SHA256 = { type: 2, bytes: 32 }
const PAGE_POWER = 12
const PAGE = 2 ** PAGE_POWER
/** CS_EXECSEG_MAIN_BINARY: a program and no library. */
const MAIN_BINARY = 1n

/**
 * @param identifier what macOS calls the program, as `com.example.program`
 * @returns the signed file; the same input gives the same bytes
 * @throws {Error} where it is no thin 64-bit Mach-O file with room for a signature
 */
export function signAdHoc(file: Buffer, identifier: string): Buffer {
  const machO = readMachO(file)
  const codeBytes = machO.signature?.fileAt ?? roundUp(file.length, 16)
  const name = Buffer.from(`${identifier}\0`)
  const pages = Math.ceil(codeBytes / PAGE)
  const headBytes = roundUp(SUPER_BLOB_BYTES + DIRECTORY_BYTES + name.length, 16)
  const hashesAt = headBytes - SUPER_BLOB_BYTES
  const signatureBytes = roundUp(headBytes + pages * SHA256.bytes, 16)

  const signed = Buffer.alloc(codeBytes + signatureBytes)
  file.copy(signed, 0, 0, Math.min(codeBytes, file.length))
  withSignatureCommand(signed, machO, { fileAt: codeBytes, fileBytes: signatureBytes })

  const signature = signed.subarray(codeBytes)
  const [oneBlob, directorySlot] = [1, 0]
  writeWords(signature, [SUPER_BLOB, signatureBytes, oneBlob, directorySlot, SUPER_BLOB_BYTES])
  const directory = signature.subarray(SUPER_BLOB_BYTES)
  const [noSpecialSlots, identifierAt] = [0, DIRECTORY_BYTES]
  writeWords(directory, [
    ...[CODE_DIRECTORY, directory.length, VERSION, FLAGS, hashesAt, identifierAt],
    ...[noSpecialSlots, pages, codeBytes],
  ])
  directory.set([SHA256.bytes, SHA256.type, 0, PAGE_POWER], 36)
  directory.writeBigUInt64BE(BigInt(machO.text.fileAt), 64)
  directory.writeBigUInt64BE(BigInt(machO.text.fileBytes), 72)
  directory.writeBigUInt64BE(machO.isProgram ? MAIN_BINARY : 0n, 80)
  name.copy(directory, DIRECTORY_BYTES)
  // Last: the first page holds the load commands, which are final only now.
  for (let page = 0; page < pages; page++) {
    const bytes = signed.subarray(page * PAGE, Math.min((page + 1) * PAGE, codeBytes))
    createHash('sha256')
      .update(bytes)
      .digest()
      .copy(directory, hashesAt + page * SHA256.bytes)
  }
  return signed
}

function writeWords(target: Buffer, words: readonly number[]): void {
  for (const [i, word] of words.entries()) target.writeUInt32BE(word, 4 * i)
}
