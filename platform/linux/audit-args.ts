/**
 * The arguments of a program from its EXECVE records, or from PROCTITLE where those are missing. Pure.
 *
 * Long lists go over several records, and a long argument comes in pieces that are cut anywhere, even
 * inside a UTF-8 sequence: `a1_len=16384 a1[0]=62… ` and, a record later, ` a1[1]=64…`.
 */
import { ownText } from '../shared/own-text.ts'
import {
  type AuditRecord,
  decodeHex,
  decodeText,
  isHex,
  textField,
  valueAt,
} from './audit-record.ts'

/** An argument's number beyond this is no real one: the kernel allows fewer bytes in all. */
const MAX_ARGS = 1 << 20

/** @returns the arguments in order, each a text of its own; `undefined` where there are none to read */
export function execveArgs(records: readonly AuditRecord[]): readonly string[] | undefined {
  const args: (string | undefined)[] = []
  let pieces: Map<number, string[]> | undefined
  for (const { line, bodyAt } of records) {
    // Every field is ` name=value`, and no value holds a blank: walk from blank to blank.
    for (let at = line.indexOf(' a', bodyAt); at >= 0; at = line.indexOf(' a', at + 1)) {
      const equals = line.indexOf('=', at)
      if (equals < 0) break
      const key = argKey(line, at + 2, equals)
      if (key === undefined) continue
      const raw = valueAt(line, equals + 1)
      at = equals + raw.length
      if (key.piece === undefined) {
        args[key.arg] = ownText(decodeText(raw))
        continue
      }
      pieces ??= new Map()
      const ofArg = pieces.get(key.arg) ?? []
      ofArg[key.piece] = raw
      pieces.set(key.arg, ofArg)
    }
  }
  for (const [arg, ofArg] of pieces ?? []) args[arg] = ownText(joined(ofArg))
  if (args.length === 0) return undefined
  // A record of the middle may have been lost: its arguments are empty, and the others keep their place.
  return Array.from(args, (arg) => arg ?? '')
}

/** The command line as `ps` shows it; the kernel cuts it at 128 bytes. */
export function proctitleArgs({ line, bodyAt }: AuditRecord): readonly string[] | undefined {
  const title = textField(line, ' proctitle=', bodyAt)
  if (title === undefined || title === '') return undefined
  return title.replace(/\0+$/, '').split('\0').map(ownText)
}

interface ArgKey {
  readonly arg: number
  readonly piece: number | undefined
}

/** Reads `0`, or `1[2]`; not `rgc`, and not `1_len`, which only announces pieces. */
function argKey(line: string, from: number, to: number): ArgKey | undefined {
  let at = from
  let arg = 0
  for (let digit = digitAt(line, at); digit !== undefined; digit = digitAt(line, ++at)) {
    arg = arg * 10 + digit
  }
  if (at === from || arg >= MAX_ARGS) return undefined
  if (at === to) return { arg, piece: undefined }
  if (line[at] !== '[' || line[to - 1] !== ']') return undefined
  let piece = 0
  const first = ++at
  for (let digit = digitAt(line, at); digit !== undefined; digit = digitAt(line, ++at)) {
    piece = piece * 10 + digit
  }
  return at === to - 1 && at > first && piece < MAX_ARGS ? { arg, piece } : undefined
}

function digitAt(line: string, at: number): number | undefined {
  const digit = line.charCodeAt(at) - 0x30
  return digit >= 0 && digit <= 9 ? digit : undefined
}

/** Hex pieces are one string of bytes, decoded as a whole. */
function joined(pieces: readonly string[]): string {
  const known = pieces.filter((piece) => piece !== undefined)
  return known.every(isHex) ? decodeHex(known.join('')) : known.map(decodeText).join('')
}
