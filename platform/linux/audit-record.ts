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
  /** Time and serial as written (and the node, where there is one): the event that it belongs to. */
  readonly eventId: string
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

const DIGIT_0 = 0x30
const DIGIT_9 = 0x39
const HEAD = ' msg=audit('
/** auditd puts the names of numbers ("enriched") behind this character. */
const ENRICHED = '\x1d'

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
  if (line[at] !== '.' || dotAt === stampAt) return malformed('no time in the record')
  for (at++; isDigit(line.charCodeAt(at)); at++) atMs = atMs * 10 + line.charCodeAt(at) - DIGIT_0
  // Three digits always: the kernel writes milliseconds.
  if (at !== dotAt + 4 || line[at] !== ':') return malformed('no time in the record')
  const serialAt = ++at
  let serial = 0
  for (; isDigit(line.charCodeAt(at)); at++) serial = serial * 10 + line.charCodeAt(at) - DIGIT_0
  if (at === serialAt || line[at] !== ')' || !Number.isSafeInteger(atMs) || serial > 0xffff_ffff) {
    return malformed('no serial in the record')
  }
  const stamp = line.slice(stampAt, at)
  return parsed({
    kind: KINDS.get(line.slice(typeAt + 5, typeEnd)) ?? 'other',
    atMs,
    serial,
    eventId: hasNode ? line.slice(0, typeAt) + stamp : stamp,
    line,
    bodyAt: at + 1,
  })
}

const isDigit = (code: number): boolean => code >= DIGIT_0 && code <= DIGIT_9

/**
 * A field as written, quotes and all.
 * @param key with its blank and equals sign: ` pid=`, which is not ` ppid=`
 */
export function rawField(line: string, key: string, from: number): string | undefined {
  const at = line.indexOf(key, from)
  return at < 0 ? undefined : valueAt(line, at + key.length)
}

/** A number field; `undefined` where it is missing or none. */
export function numberField(line: string, key: string, from: number): number | undefined {
  const raw = rawField(line, key, from)
  if (raw === undefined || raw === '') return undefined
  const value = Number(raw)
  return Number.isSafeInteger(value) ? value : undefined
}

/** A text field: quoted, or hex where it had to be. `(null)` is absent. */
export function textField(line: string, key: string, from: number): string | undefined {
  const raw = rawField(line, key, from)
  return raw === undefined || raw === '(null)' ? undefined : decodeText(raw)
}

/** A name that auditd put beside a number: `EUID="root"`; it may hold blanks. */
export function enrichedName(line: string, key: string, from: number): string | undefined {
  let at = line.indexOf(`${key}="`, from)
  // Behind 0x1D, or a blank, so that UID is not the end of AUID.
  while (at > 0 && line[at - 1] !== ENRICHED && line[at - 1] !== ' ') {
    at = line.indexOf(`${key}="`, at + 1)
  }
  if (at < 0) return undefined
  const start = at + key.length + 2
  const end = line.indexOf('"', start)
  if (end <= start) return undefined
  const name = line.slice(start, end)
  // What auditd writes for a number that nobody has.
  return name === 'unset' || name.startsWith('unknown(') ? undefined : name
}

/** The value that begins at `at`, up to a blank or the enriched part. */
export function valueAt(line: string, at: number): string {
  if (line[at] === '"') {
    const quote = line.indexOf('"', at + 1)
    return quote < 0 ? line.slice(at) : line.slice(at, quote + 1)
  }
  const blank = line.indexOf(' ', at)
  const value = blank < 0 ? line.slice(at) : line.slice(at, blank)
  const enriched = value.indexOf(ENRICHED)
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
