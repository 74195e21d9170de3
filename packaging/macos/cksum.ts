/**
 * The checksum of POSIX' `cksum`, which a bill of materials has for each file: CRC-32 with the most
 * significant bit first, over the bytes and then over their count.
 *
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/cksum.html
 */
const POLYNOMIAL = 0x04c1_1db7

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24
  for (let bit = 0; bit < 8; bit++) value = value < 0 ? (value << 1) ^ POLYNOMIAL : value << 1
  return value >>> 0
})

export function cksum(bytes: Buffer): number {
  let crc = 0
  const add = (byte: number): void => {
    crc = (crc << 8) ^ (TABLE[((crc >>> 24) ^ byte) & 0xff] as number)
  }
  for (const byte of bytes) add(byte)
  for (let rest = bytes.length; rest > 0; rest = Math.floor(rest / 256)) add(rest & 0xff)
  return ~crc >>> 0
}
