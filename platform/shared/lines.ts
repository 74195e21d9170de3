/**
 * Cuts a stream of bytes into lines, wherever the chunks are split. Pure but for its own state.
 *
 * Bytes, not text: a chunk may end inside a UTF-8 sequence. A line longer than `maxBytes` is given
 * up and counted, so that a source without line ends can't fill the memory.
 */

const LINE_FEED = 0x0a

export interface LineSplitter {
  /** The lines that `chunk` completes, without their line feed (and carriage return). */
  push(chunk: Buffer): string[]
  /** What stands after the last line feed, and forgets it; `undefined` where nothing does. */
  flush(): string | undefined
  /** Bytes held since the last line feed. */
  readonly pendingBytes: number
  /** Lines given up because they passed `maxBytes`. */
  readonly overlong: number
}

/**
 * @param maxBytes longest line held, bytes
 * @param encoding `latin1` keeps each byte as one character, for parsers that decode by themselves
 */
export function lineSplitter(
  maxBytes: number = 1 << 20,
  encoding: 'utf8' | 'latin1' = 'utf8',
): LineSplitter {
  let pieces: Buffer[] = []
  let pendingBytes = 0
  let isSkipping = false
  let overlong = 0

  function hold(piece: Buffer): void {
    if (piece.length === 0 || isSkipping) return
    // Copied: a slice would keep its whole chunk alive.
    pieces.push(Buffer.from(piece))
    pendingBytes += piece.length
    if (pendingBytes <= maxBytes) return
    overlong++
    drop()
    isSkipping = true
  }

  function drop(): void {
    pieces = []
    pendingBytes = 0
    isSkipping = false
  }

  /** The held line, ended by the line feed at `end` of `chunk`; `undefined` where it was given up. */
  function endHeldLine(chunk: Buffer, end: number): string | undefined {
    hold(chunk.subarray(0, end))
    const line = isSkipping ? undefined : Buffer.concat(pieces).toString(encoding)
    drop()
    return line
  }

  /** The whole lines between `start` and the line feed at `last`. */
  function between(chunk: Buffer, start: number, last: number): string[] {
    if (start > last) return []
    // One conversion for all of them: five times as fast as one a line.
    if (last - start <= maxBytes) return chunk.toString(encoding, start, last).split('\n')
    const lines: string[] = []
    for (let from = start; from <= last; ) {
      const end = chunk.indexOf(LINE_FEED, from)
      if (end - from > maxBytes) overlong++
      else lines.push(chunk.toString(encoding, from, end))
      from = end + 1
    }
    return lines
  }

  return {
    push(chunk) {
      const last = chunk.lastIndexOf(LINE_FEED)
      if (last < 0) {
        hold(chunk)
        return []
      }
      const first = pendingBytes > 0 || isSkipping ? chunk.indexOf(LINE_FEED) : -1
      const held = first < 0 ? undefined : endHeldLine(chunk, first)
      const text = between(chunk, first + 1, last)
      hold(chunk.subarray(last + 1))
      const lines = chunk.includes('\r') ? text.map(withoutReturn) : text
      if (held !== undefined) lines.unshift(withoutReturn(held))
      return lines
    },
    flush() {
      const rest = pendingBytes === 0 ? undefined : Buffer.concat(pieces).toString(encoding)
      drop()
      return rest === undefined ? undefined : withoutReturn(rest)
    },
    get pendingBytes() {
      return pendingBytes
    },
    get overlong() {
      return overlong
    },
  }
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line)
