/**
 * Lays rows out in aligned columns that fit a width. Cells are cleaned here, so that no view can
 * forget to. Pure: the caller prints.
 */
import {
  clean,
  displayWidth,
  type Paint,
  plain,
  type Style,
  truncate,
  truncateMiddle,
} from './text.ts'

export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => string
  readonly align?: 'left' | 'right'
  /** May be shortened when the width does not do, down to this many columns; `middle` keeps both ends. */
  readonly shrink?: { readonly to: number; readonly cut: 'end' | 'middle' }
  /** Left out, the last such column first, where the width does not do for all. */
  readonly isOptional?: boolean
  readonly style?: (row: Row) => Style | undefined
}

export interface TableOptions {
  /** Columns of the terminal; `undefined`: as wide as it takes. */
  readonly width?: number | undefined
  readonly paint?: Paint
}

/** Between columns. */
const SPACE = '  '

/** One line a row, the titles first. No line ends in blanks. */
export function table<Row>(
  rows: readonly Row[],
  all: readonly Column<Row>[],
  { width, paint = plain }: TableOptions = {},
): readonly string[] {
  const columns = chosen(rows, all, width)
  const cells = rows.map((row) => columns.map((column) => clean(column.cell(row))))
  const wanted = columns.map((column) => wantedWidth(rows, column))
  const widths = fit(wanted, columns, width)
  const title = layOut(columns.map((column) => column.title)).map((cell) => paint('bold', cell))
  const body = cells.map((line, at) =>
    layOut(line).map((cell, i) => {
      const style = columns[i]?.style?.(rows[at] as Row)
      return style === undefined ? cell : paint(style, cell)
    }),
  )
  return [title, ...body].map((line) => line.join(SPACE).trimEnd())

  function layOut(line: readonly string[]): readonly string[] {
    return line.map((cell, i) => {
      const [column, room = 0] = [columns[i], widths[i]]
      const cut =
        column?.shrink?.cut === 'middle' ? truncateMiddle(cell, room) : truncate(cell, room)
      const blanks = ' '.repeat(Math.max(0, room - displayWidth(cut)))
      if (column?.align === 'right') return blanks + cut
      return i === columns.length - 1 ? cut : cut + blanks
    })
  }
}

function wantedWidth<Row>(rows: readonly Row[], { title, cell }: Column<Row>): number {
  return rows.reduce((most, row) => Math.max(most, displayWidth(clean(cell(row)))), title.length)
}

/** The columns that fit when all that may shrink have shrunk. */
function chosen<Row>(
  rows: readonly Row[],
  all: readonly Column<Row>[],
  width: number | undefined,
): readonly Column<Row>[] {
  const least = ({ shrink, ...column }: Column<Row>) =>
    Math.min(wantedWidth(rows, column), shrink?.to ?? Number.POSITIVE_INFINITY)
  let columns = all
  while (width !== undefined) {
    const needed = columns.reduce(
      (sum, column) => sum + least(column) + SPACE.length,
      -SPACE.length,
    )
    const last = columns.findLastIndex(({ isOptional }) => isOptional === true)
    if (needed <= width || last < 0) break
    columns = columns.toSpliced(last, 1)
  }
  return columns
}

/** Takes from the widest column that may shrink, until the line fits or none can give. */
function fit<Row>(
  wanted: readonly number[],
  columns: readonly Column<Row>[],
  width: number | undefined,
): readonly number[] {
  const widths = [...wanted]
  if (width === undefined) return widths
  const spaces = SPACE.length * (columns.length - 1)
  let excess = widths.reduce((sum, one) => sum + one, spaces) - width
  while (excess > 0) {
    let widest = -1
    for (const [i, { shrink }] of columns.entries()) {
      if (shrink === undefined || (widths[i] ?? 0) <= shrink.to) continue
      if (widest < 0 || (widths[i] ?? 0) > (widths[widest] ?? 0)) widest = i
    }
    if (widest < 0) break
    widths[widest] = (widths[widest] ?? 0) - 1
    excess--
  }
  return widths
}
