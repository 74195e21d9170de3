/**
 * What a signer must know of a Mach-O executable: where its segments lie and where its signature is or
 * can go. Thin 64-bit little-endian files only: that is what Node is published as for macOS.
 *
 * Layout: <mach-o/loader.h> of Apple's xnu, https://github.com/apple-oss-distributions/xnu
 */
const MAGIC_64 = 0xfeedfacf
const ARM64 = 0x0100_000c
const EXECUTE = 2
const HEADER_BYTES = 32
const SEGMENT_64 = 0x19
const CODE_SIGNATURE = 0x1d
const SEGMENT_BYTES = 72
const SECTION_BYTES = 80

export interface Segment {
  /** Of its load command, in the file. */
  readonly commandAt: number
  /** Of its contents, in the file. */
  readonly fileAt: number
  readonly fileBytes: number
}

export interface MachO {
  /** And no library. */
  readonly isProgram: boolean
  /** In memory a segment fills whole pages of so many bytes. */
  readonly memoryPageBytes: number
  readonly commands: number
  readonly commandsBytes: number
  /** Where another load command would go; the room ends where the first section's contents begin. */
  readonly commandsEnd: number
  readonly roomEnd: number
  readonly text: Segment
  readonly linkEdit: Segment
  /** The signature that is there: its load command, and its contents. */
  readonly signature: Segment | undefined
}

/** @throws {Error} where the file is no such executable */
export function readMachO(file: Buffer): MachO {
  if (file.length < HEADER_BYTES || file.readUInt32LE(0) !== MAGIC_64) {
    throw new Error('not a thin 64-bit Mach-O file')
  }
  const commands = file.readUInt32LE(16)
  const commandsBytes = file.readUInt32LE(20)
  const commandsEnd = HEADER_BYTES + commandsBytes
  const segments = new Map<string, Segment>()
  let signature: Segment | undefined
  let roomEnd = file.length
  let at = HEADER_BYTES
  for (let i = 0; i < commands; i++) {
    const bytes = file.readUInt32LE(at + 4)
    if (bytes < 8 || at + bytes > commandsEnd) throw new Error('a load command is out of bounds')
    switch (file.readUInt32LE(at)) {
      case SEGMENT_64:
        segments.set(nameAt(file, at + 8), {
          commandAt: at,
          fileAt: Number(file.readBigUInt64LE(at + 40)),
          fileBytes: Number(file.readBigUInt64LE(at + 48)),
        })
        roomEnd = Math.min(roomEnd, ...sectionsAt(file, at))
        break
      case CODE_SIGNATURE: {
        const [fileAt, fileBytes] = [file.readUInt32LE(at + 8), file.readUInt32LE(at + 12)]
        signature = { commandAt: at, fileAt, fileBytes }
      }
    }
    at += bytes
  }
  const [text, linkEdit] = [segments.get('__TEXT'), segments.get('__LINKEDIT')]
  if (text === undefined || linkEdit === undefined) throw new Error('no __TEXT or no __LINKEDIT')
  const memoryPageBytes = file.readUInt32LE(4) === ARM64 ? 16_384 : 4_096
  const isProgram = file.readUInt32LE(12) === EXECUTE
  return {
    ...{ isProgram, memoryPageBytes, commands, commandsBytes, commandsEnd, roomEnd },
    ...{ text, linkEdit, signature },
  }
}

/** Where the contents of a segment's sections begin; a section of zeros has none. */
function sectionsAt(file: Buffer, segmentAt: number): number[] {
  const count = file.readUInt32LE(segmentAt + 64)
  return Array.from({ length: count }, (_, i) =>
    file.readUInt32LE(segmentAt + SEGMENT_BYTES + SECTION_BYTES * i + 48),
  ).filter((offset) => offset > 0)
}

const nameAt = (file: Buffer, at: number): string =>
  file.toString('latin1', at, at + 16).replace(/\0.*$/s, '')

/** The header and load commands as they are with a signature of `bytes` at `signatureAt`. */
export function withSignatureCommand(
  file: Buffer,
  machO: MachO,
  { fileAt, fileBytes }: Pick<Segment, 'fileAt' | 'fileBytes'>,
): void {
  const { signature, linkEdit } = machO
  if (signature === undefined) {
    if (machO.commandsEnd + 16 > machO.roomEnd) throw new Error('no room for another load command')
    file.writeUInt32LE(machO.commands + 1, 16)
    file.writeUInt32LE(machO.commandsBytes + 16, 20)
  }
  const commandAt = signature?.commandAt ?? machO.commandsEnd
  for (const [i, word] of [CODE_SIGNATURE, 16, fileAt, fileBytes].entries()) {
    file.writeUInt32LE(word, commandAt + 4 * i)
  }
  // The signature lies in the last segment, which must end where the file does.
  const linkEditBytes = fileAt + fileBytes - linkEdit.fileAt
  const memoryBytes = roundUp(linkEditBytes, machO.memoryPageBytes)
  file.writeBigUInt64LE(BigInt(memoryBytes), linkEdit.commandAt + 32)
  file.writeBigUInt64LE(BigInt(linkEditBytes), linkEdit.commandAt + 48)
}

export const roundUp = (value: number, to: number): number => Math.ceil(value / to) * to
