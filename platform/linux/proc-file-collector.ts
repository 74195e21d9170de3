/**
 * Reads the kernel's own files. They have no size, are handed out a page at a time and change while
 * they are read; a synchronous read into one buffer costs a tenth of an asynchronous one, and the
 * longest of them takes a few milliseconds.
 */
import { closeSync, openSync, readSync } from 'node:fs'

const FIRST_BYTES = 64 * 1024
let buffer = Buffer.allocUnsafe(FIRST_BYTES)

/**
 * All of a kernel file, one character a byte.
 * @throws the system's error where it cannot be read
 */
export function readKernelFile(path: string, encoding: 'latin1' | 'utf8' = 'latin1'): string {
  const file = openSync(path, 'r')
  try {
    let length = 0
    for (;;) {
      if (length === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2)
      const read = readSync(file, buffer, length, buffer.length - length, null)
      if (read === 0) return buffer.toString(encoding, 0, length)
      length += read
    }
  } finally {
    closeSync(file)
  }
}

/** The same, and `undefined` where it cannot be read: a process that is gone, a setting not there. */
export function tryReadKernelFile(
  path: string,
  encoding: 'latin1' | 'utf8' = 'latin1',
): string | undefined {
  try {
    return readKernelFile(path, encoding)
  } catch {
    return undefined
  }
}
