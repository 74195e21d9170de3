/**
 * One record of the Linux audit system: a line of audit.log, or of auditd's dispatcher socket in
 * `string` format. Pure, and built for speed: a busy host writes 100,000 of these a second, so the
 * head is read by character and a field only when somebody asks for it.
 *
 * The kernel writes a value that holds a blank, a quote or a byte outside ASCII as hex without
 * quotes. So no value in a kernel record can hold ` name=`, and searching for that is safe.
 */
import { malformed, type Parsed, parsed } from '../parsed.ts'

/** The record types that we read; everything else is `other`. */
export type AuditKind =
  | 'syscall'
  | 'execve'
  | 'sockaddr'
  | 'cwd'
  | 'proctitle'
  | 'eoe'
  | 'daemon-start'
  | 'other'

export interface AuditRecord {
  readonly kind: AuditKind
  readonly atMs: number
  /** Numbers the events of one boot; all records of an event share it. */
  readonly serial: number
  /** `node=web1 ` where a collector of several hosts put it before the record, else empty. */
  readonly node: string
  readonly line: string
  /** Where the fields begin in `line`. */
  readonly bodyAt: number
}

/** By name, and by number where auditd is older than the kernel (`UNKNOWN[1327]`). */
const KINDS: ReadonlyMap<string, AuditKind> = new Map<string, AuditKind>(
  (
    [
      ['SYSCALL', 1300, 'syscall'],
      ['SOCKADDR', 1306, 'sockaddr'],
      ['CWD', 1307, 'cwd'],
      ['EXECVE', 1309, 'execve'],
      ['EOE', 1320, 'eoe'],
      ['PROCTITLE', 1327, 'proctitle'],
      ['DAEMON_START', 1200, 'daemon-start'],
    ] as const
  ).flatMap(([name, number, kind]) => [
    [name, kind],
    [`UNKNOWN[${number}]`, kind],
  ]),
)

/** First letter and length of those names: most records are of no such type, and no text is cut out. */
const shapeOf = (first: number, length: number): number => first * 64 + length
const SHAPES: ReadonlySet<number> = new Set(
  [...KINDS.keys()].map((name) => shapeOf(name.charCodeAt(0), name.length)),
)

const DIGIT_0 = 0x30
const DIGIT_9 = 0x39
const QUOTE = 0x22
const DOT = 0x2e
const COLON = 0x3a
const CLOSE = 0x29
const BLANK = 0x20
const HEAD = ' msg=audit('
/** auditd puts the names of numbers ("enriched") behind this character. */
const ENRICHED = 0x1d

/** Reads the head of a record: its type, time and serial. Its fields stay text. */
export function parseAuditRecord(line: string): Parsed<AuditRecord> {
  const hasNode = line.startsWith('node=')
  const typeAt = hasNode ? line.indexOf(' type=') + 1 : 0
  if (!line.startsWith('type=', typeAt) || (hasNode && typeAt === 0)) {
    return malformed('no type= at the start of the record')
  }
  const typeEnd = line.indexOf(' ', typeAt)
  if (typeEnd < 0 || !line.startsWith(HEAD, typeEnd))
    return malformed('no msg=audit( after the type')

  const stampAt = typeEnd + HEAD.length
  let at = stampAt
  let atMs = 0
  for (; isDigit(line.charCodeAt(at)); at++) atMs = atMs * 10 + line.charCodeAt(at) - DIGIT_0
  const dotAt = at
  if (line.charCodeAt(at) !== DOT || dotAt === stampAt) return malformed('no time in the record')
  for (at++; isDigit(line.charCodeAt(at)); at++) atMs = atMs * 10 + line.charCodeAt(at) - DIGIT_0
  // Three digits always: the kernel writes milliseconds.
  if (at !== dotAt + 4 || line.charCodeAt(at) !== COLON) return malformed('no time in the record')
  const serialAt = ++at
  let serial = 0
  for (; isDigit(line.charCodeAt(at)); at++) serial = serial * 10 + line.charCodeAt(at) - DIGIT_0
  if (
    at === serialAt ||
    line.charCodeAt(at) !== CLOSE ||
    !Number.isSafeInteger(atMs) ||
    serial > 0xffff_ffff
  ) {
    return malformed('no serial in the record')
  }
  const kind = kindOf(line, typeAt + 'type='.length, typeEnd)
  const node = hasNode ? line.slice(0, typeAt) : ''
  return parsed({ kind, atMs, serial, node, line, bodyAt: at + 1 })
}

function kindOf(line: string, from: number, to: number): AuditKind {
  if (!SHAPES.has(shapeOf(line.charCodeAt(from), to - from))) return 'other'
  return KINDS.get(line.slice(from, to)) ?? 'other'
}

/** Names the event that a record belongs to. */
export const eventIdOf = ({
  node,
  atMs,
  serial,
}: Pick<AuditRecord, 'node' | 'atMs' | 'serial'>): string => `${node}${atMs}:${serial}`

const isDigit = (code: number): boolean => code >= DIGIT_0 && code <= DIGIT_9

/**
 * Where the value of a field begins; -1 where there is none.
 * @param key with its blank and equals sign: ` pid=`, which is not ` ppid=`
 * @param from where to look first: behind the field that the kernel writes before it, which is near
 * @param bodyAt where to look again, since the order is the kernel's habit and no promise
 */
export function fieldAt(line: string, key: string, from: number, bodyAt: number = from): number {
  let at = line.indexOf(key, from)
  if (at < 0 && from > bodyAt) at = line.indexOf(key, bodyAt)
  return at < 0 ? -1 : at + key.length
}

/** A field as written, quotes and all. */
export function rawField(line: string, key: string, from: number): string | undefined {
  const at = fieldAt(line, key, from)
  return at < 0 ? undefined : valueAt(line, at)
}

/** The number that begins at `at`; `undefined` for -1 and for what is none. */
export function numberAt(line: string, at: number): number | undefined {
  if (at < 0) return undefined
  let end = at
  let value = 0
  for (; isDigit(line.charCodeAt(end)); end++) value = value * 10 + line.charCodeAt(end) - DIGIT_0
  // Nearly always: at most 10 digits, and a blank behind them.
  if (end > at && end - at < 16 && (end === line.length || line.charCodeAt(end) === BLANK)) {
    return value
  }
  const raw = valueAt(line, at)
  const number = raw === '' ? Number.NaN : Number(raw)
  return Number.isSafeInteger(number) ? number : undefined
}

/** A number field; `undefined` where it is missing or none. */
export const numberField = (line: string, key: string, from: number): number | undefined =>
  numberAt(line, fieldAt(line, key, from))

/** The text that begins at `at`: quoted, or hex where it had to be. `undefined` for -1 and `(null)`. */
export function textAt(line: string, at: number): string | undefined {
  if (at < 0) return undefined
  if (line.charCodeAt(at) === QUOTE) {
    const quote = line.indexOf('"', at + 1)
    return quote < 0 ? line.slice(at + 1) : line.slice(at + 1, quote)
  }
  const raw = valueAt(line, at)
  return raw === '(null)' ? undefined : decodeText(raw)
}

/** A text field: see `textAt`. */
export const textField = (line: string, key: string, from: number): string | undefined =>
  textAt(line, fieldAt(line, key, from))

/**
 * A name that auditd put beside a number; it may hold blanks.
 * @param key with equals sign and quote: `EUID="`
 */
export function enrichedName(line: string, key: string, from: number): string | undefined {
  let at = line.indexOf(key, from)
  // Behind 0x1D, or a blank, so that UID is not the end of AUID.
  while (at > 0 && line.charCodeAt(at - 1) !== ENRICHED && line.charCodeAt(at - 1) !== BLANK) {
    at = line.indexOf(key, at + 1)
  }
  if (at < 0) return undefined
  const start = at + key.length
  const end = line.indexOf('"', start)
  if (end <= start) return undefined
  const name = line.slice(start, end)
  // What auditd writes for a number that nobody has.
  return name === 'unset' || name.startsWith('unknown(') ? undefined : name
}

/** The value that begins at `at`, up to a blank or the enriched part. */
export function valueAt(line: string, at: number): string {
  if (line.charCodeAt(at) === QUOTE) {
    const quote = line.indexOf('"', at + 1)
    return quote < 0 ? line.slice(at) : line.slice(at, quote + 1)
  }
  const blank = line.indexOf(' ', at)
  const value = blank < 0 ? line.slice(at) : line.slice(at, blank)
  const enriched = value.indexOf('\x1d')
  return enriched < 0 ? value : value.slice(0, enriched)
}

/** `"text"`, or hex of UTF-8; what is neither stays as it is. */
export function decodeText(raw: string): string {
  if (raw.startsWith('"')) return raw.endsWith('"') ? raw.slice(1, -1) : raw.slice(1)
  return isHex(raw) ? decodeHex(raw) : raw
}

export const isHex = (raw: string): boolean => raw.length % 2 === 0 && HEX.test(raw)
const HEX = /^[0-9A-Fa-f]+$/

export const decodeHex = (hex: string): string => Buffer.from(hex, 'hex').toString('utf8')
