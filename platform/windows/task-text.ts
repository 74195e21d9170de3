/**
 * The text of a task's file: UTF-16 with its byte order mark as Windows writes it, UTF-8 as some
 * programs do. Pure; bytes that are neither give characters that the XML reader refuses.
 */
export function taskText(bytes: Uint8Array): string {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  // Without a mark: of UTF-16, the `<` that it begins with is followed by a zero.
  return new TextDecoder(first === 0x3c && second === 0 ? 'utf-16le' : 'utf-8').decode(bytes)
}
