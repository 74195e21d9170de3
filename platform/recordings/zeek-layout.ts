/**
 * How a Zeek log in text form is laid out: the directives at its head (`#separator`, `#fields`, ...).
 * Pure. Writers differ in separator, in the order of columns and in the text for "no value", so all
 * of it is read and none of it taken for granted.
 * https://docs.zeek.org/en/master/log-formats.html
 */

/** What kind of log the columns make it. */
export type ZeekLogKind = 'connections' | 'names' | 'other'

export interface ZeekLayout {
  readonly separator: string
  /** Between the members of a set or vector. */
  readonly setSeparator: string
  readonly emptyField: string
  readonly unsetField: string
  /** Undefined until `#fields` was read. */
  readonly columns?: readonly string[]
}

/** What Zeek writes where nobody configured it. */
export const DEFAULT_LAYOUT: ZeekLayout = {
  separator: '\t',
  setSeparator: ',',
  emptyField: '(empty)',
  unsetField: '-',
}

/** The layout after one line that starts with `#`. Directives that do not matter change nothing. */
export function applyDirective(layout: ZeekLayout, line: string): ZeekLayout {
  // The only directive that is always followed by a space; it also begins a new log in a
  // concatenated file, so that nothing of the one before is kept.
  if (line.startsWith('#separator ')) {
    return { ...DEFAULT_LAYOUT, separator: unescapeHex(line.slice('#separator '.length)) || '\t' }
  }
  const [name, ...values] = line.split(layout.separator)
  const [value] = values
  if (value === undefined) return layout
  switch (name) {
    case '#set_separator':
      // With both separators a comma, the line is "#set_separator,,": the value is cut in two.
      return { ...layout, setSeparator: unescapeHex(value) || layout.separator }
    case '#empty_field':
      return { ...layout, emptyField: unescapeHex(value) }
    case '#unset_field':
      return { ...layout, unsetField: unescapeHex(value) }
    case '#fields':
      return { ...layout, columns: values }
    default:
      return layout
  }
}

/** The layout of a log whose first line names the columns without a `#` (`LogAscii::tsv`). */
export function bareHeaderLayout(line: string): ZeekLayout | undefined {
  const separator = ['\t', ','].find((candidate) => line.split(candidate).includes('ts'))
  if (separator === undefined) return undefined
  const columns = line.split(separator)
  return columns.some((name) => name === 'id.orig_h' || name === 'id_orig_h')
    ? { ...DEFAULT_LAYOUT, separator, columns }
    : undefined
}

/** A name as Zeek spells it in text form: JSON writers may put `_` for the dot of `id.orig_h`. */
export const fieldName = (name: string): string =>
  name.startsWith('id_') ? `id.${name.slice(3)}` : name

/** @param has whether the log has a column, by the name that `fieldName` gives */
export function logKind(has: (name: string) => boolean): ZeekLogKind {
  if (!has('id.orig_h')) return 'other'
  if (has('query') || has('qtype_name')) return 'names'
  // Other logs with addresses (http, ssl, notice) lack the byte counts.
  const isConnection = has('id.resp_p') && has('proto') && (has('orig_bytes') || has('conn_state'))
  return isConnection ? 'connections' : 'other'
}

/** `\x09` to a tab: how Zeek spells a byte that would break the layout. */
const unescapeHex = (text: string): string =>
  text.replace(/\\x([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
