/**
 * Zeek logs, text or JSON lines, from bytes to records: connections of a conn.log, names of a
 * dns.log. Pure but for its own state; the form is told by the first line.
 *
 * Every row is accounted for: `rows = records + ignored + malformed`. A row that is cut short is
 * malformed even where all that we need is there: its last number may be cut in two.
 */
import { parseIp } from '../address.ts'
import { malformed, type Parsed } from '../parsed.ts'
import { type LineSplitter, lineSplitter } from '../shared/lines.ts'
import {
  applyDirective,
  bareHeaderLayout,
  DEFAULT_LAYOUT,
  fieldName,
  logKind,
  type ZeekLayout,
  type ZeekLogKind,
} from './zeek-layout.ts'
import {
  type Cell,
  connectionOf,
  nameOf,
  type RecordedConnection,
  type RecordedName,
  type RowResult,
} from './zeek-record.ts'

/** Rows whose fault is told with its line; of more, only the number is. */
const MAX_TOLD_FAULTS = 5
/** Addresses remembered as one string each; beyond, all are forgotten and learnt anew. */
const MAX_INTERNED = 500_000

export interface ZeekSink {
  connection(record: RecordedConnection): void
  name(record: RecordedName): void
}

export interface RowFault {
  /** 1 is the first. */
  readonly line: number
  readonly reason: string
}

export interface ZeekCounts {
  rows: number
  connections: number
  names: number
  /** Rows in good order of which we have no use: ICMP, other logs, answers without addresses. */
  ignored: number
  malformed: number
}

export interface ZeekReader {
  readonly counts: Readonly<ZeekCounts>
  /** The first malformed rows. */
  readonly faults: readonly RowFault[]
  /** Kinds of log seen in it. */
  readonly kinds: ReadonlySet<ZeekLogKind>
  /** Why it is no Zeek log; the rest of it is of no use then. */
  readonly refusal: string | undefined
  push(chunk: Buffer): void
  /** The last line may lack its line feed. */
  end(): void
}

/** @param intern shared by the readers of many files, from `addressBook` */
export function zeekReader(sink: ZeekSink, intern: AddressBook = addressBook()): ZeekReader {
  const counts = { rows: 0, connections: 0, names: 0, ignored: 0, malformed: 0 }
  const faults: RowFault[] = []
  const kinds = new Set<ZeekLogKind>()
  const splitter: LineSplitter = lineSplitter()
  let overlong = 0
  let line = 0
  let readRow: ((row: string) => void) | undefined
  let layout: ZeekLayout = DEFAULT_LAYOUT
  let refusal: string | undefined

  function fault(reason: string): void {
    counts.malformed++
    if (faults.length < MAX_TOLD_FAULTS) faults.push({ line, reason })
  }

  function take<T>(result: RowResult<T>, kind: 'connections' | 'names', hand: (record: T) => void) {
    if (!result.ok) fault(result.reason)
    else if (result.value === undefined) counts.ignored++
    else {
      counts[kind]++
      hand(result.value)
    }
  }

  function record(kind: ZeekLogKind, cell: (column: string) => Cell): void {
    if (kind === 'connections') take(connectionOf(cell, intern), kind, sink.connection)
    else if (kind === 'names') take(nameOf(cell), kind, sink.name)
    else counts.ignored++
  }

  /** Built once a header: which cell is which does not change within a log. */
  function textRows({ columns = [], separator, setSeparator, unsetField, emptyField }: ZeekLayout) {
    const index = new Map(columns.map((name, i) => [fieldName(name), i]))
    const kind = logKind((name) => index.has(name))
    let cells: string[] = []
    const cell = (column: string): Cell => {
      const text = cells[index.get(column) ?? -1]
      if (text === undefined || text === unsetField || text === emptyField) return undefined
      return column === 'answers' ? text.split(setSeparator) : text
    }
    return (row: string): void => {
      counts.rows++
      cells = row.split(separator)
      if (cells.length !== columns.length) {
        fault(`${cells.length} fields where the header names ${columns.length}`)
      } else {
        kinds.add(kind)
        record(kind, cell)
      }
    }
  }

  function jsonRow(row: string): void {
    counts.rows++
    const fields = jsonFields(row)
    if (!fields.ok) {
      fault(fields.reason)
      return
    }
    const kind = logKind((name) => fields.value.has(name))
    kinds.add(kind)
    record(kind, (column) => fields.value.get(column))
  }

  function textLine(text: string): void {
    if (text.startsWith('#')) {
      layout = applyDirective(layout, text)
      readRow = layout.columns === undefined ? rowWithoutHeader : textRows(layout)
    } else readRow?.(text)
  }

  function rowWithoutHeader(): void {
    counts.rows++
    fault('a row before any #fields line')
  }

  let readLine = (text: string): void => {
    const first = text.replace(/^\uFEFF/, '').trimStart()
    const bare = bareHeaderLayout(first)
    if (first.startsWith('#')) readLine = textLine
    else if (first.startsWith('{')) readLine = jsonRow
    else if (bare !== undefined) {
      readRow = textRows(bare)
      readLine = textLine
      return
    } else {
      refusal = 'no Zeek log: it starts neither with a header (#separator, #fields) nor with {'
      return
    }
    readLine(first)
  }

  function readLines(lines: readonly string[]): void {
    for (const text of lines) {
      line++
      if (text !== '' && refusal === undefined) readLine(text)
    }
    for (; overlong < splitter.overlong; overlong++) {
      counts.rows++
      line++
      fault('a line beyond 1 MiB')
    }
  }

  return {
    counts,
    faults,
    kinds,
    get refusal() {
      return refusal
    },
    push: (chunk) => readLines(splitter.push(chunk)),
    end() {
      const rest = splitter.flush()
      readLines(rest === undefined ? [] : [rest])
      if (refusal === undefined && readRow === undefined && counts.rows === 0) {
        refusal = 'no Zeek log: nothing in it'
      }
    },
  }
}

/** Canonical text of an address, the same string for the same address; `undefined` for none. */
export type AddressBook = (text: string) => string | undefined

export function addressBook(): AddressBook {
  let known = new Map<string, string | undefined>()
  return (text) => {
    const canonical = known.get(text)
    if (canonical !== undefined || known.has(text)) return canonical
    if (known.size >= MAX_INTERNED) known = new Map()
    // A copy: a slice would keep the whole chunk that it was cut from.
    const own = Buffer.from(text).toString()
    const ip = parseIp(own)
    known.set(own, ip)
    return ip
  }
}

/** One JSON object by Zeek's names; `{"id": {"orig_h": ...}}` is flattened as some shippers nest it. */
function jsonFields(row: string): Parsed<ReadonlyMap<string, Cell>> {
  let value: unknown
  try {
    value = JSON.parse(row)
  } catch {
    return malformed('no JSON object: cut off?')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return malformed('no JSON object')
  }
  const fields = new Map<string, Cell>()
  for (const [name, cell] of Object.entries(value)) {
    if (name === 'id' && typeof cell === 'object' && cell !== null) {
      for (const [part, inner] of Object.entries(cell)) fields.set(`id.${part}`, scalar(inner))
    } else fields.set(fieldName(name), Array.isArray(cell) ? cell : scalar(cell))
  }
  return { ok: true, value: fields }
}

const scalar = (value: unknown): Cell =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : undefined
