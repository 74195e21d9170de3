/** `agent doctor` for a person: a line for each need, and below it what to do. Pure. */
import { type Diagnosis, stepText } from '../doctor/diagnosis.ts'
import { clean, displayWidth, type Paint, plain, type Style, wrapped } from './text.ts'

const MARKS: Readonly<Record<Diagnosis['state'], readonly [mark: string, style: Style]>> = {
  good: ['ok', 'green'],
  warning: ['warn', 'yellow'],
  failed: ['fail', 'red'],
  unknown: ['?', 'cyan'],
}
const MARK_WIDTH = 4
const DEFAULT_WIDTH = 100

export interface DoctorViewOptions {
  readonly width?: number | undefined
  readonly paint?: Paint
}

export function doctorView(
  all: readonly Diagnosis[],
  { width = DEFAULT_WIDTH, paint = plain }: DoctorViewOptions,
): readonly string[] {
  const names = Math.max(...all.map(({ name }) => displayWidth(clean(name))))
  const indent = ' '.repeat(MARK_WIDTH + names + 4)
  const room = Math.max(40, width - indent.length)
  const lines = all.flatMap(({ name, state, detail, remedy }) => {
    const [mark, style] = MARKS[state]
    const label = clean(name)
    const [first = '', ...rest] = wrapped(clean(detail), room)
    return [
      `${paint(style, mark.padEnd(MARK_WIDTH))}  ${paint('bold', label)}${' '.repeat(names - displayWidth(label))}  ${first}`,
      ...rest.map((line) => indent + line),
      ...(remedy === undefined
        ? []
        : wrapped(clean(`→ ${remedy}`), room).map((line) => indent + line)),
    ]
  })
  return [...lines, '', summaryOf(all)]
}

function summaryOf(all: readonly Diagnosis[]): string {
  const count = (state: Diagnosis['state']): number =>
    all.filter((one) => one.state === state).length
  const parts = [
    `${count('good')} good`,
    ...(count('warning') > 0 ? [`${count('warning')} to better`] : []),
    ...(count('failed') > 0 ? [`${count('failed')} failed`] : []),
    ...(count('unknown') > 0 ? [`${count('unknown')} unknown`] : []),
  ]
  const fixable = all.filter(({ fix }) => fix !== undefined).length
  return `${parts.join(', ')}${fixable > 0 ? `; agent doctor --fix can cure ${fixable}` : ''}`
}

/** What `--fix` would do, before it is done. */
export const fixLines = (all: readonly Diagnosis[]): readonly string[] =>
  all.flatMap(({ name, fix = [] }) => [
    `${clean(name)}:`,
    ...fix.map((step) => `  ${clean(stepText(step))}`),
  ])
