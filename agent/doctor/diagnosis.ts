/** What `agent doctor` says of one need of the sensor, and what would cure it. */

export interface Diagnosis {
  /** What is needed: `audit rules`. */
  readonly name: string
  /** `unknown`: it could not be looked at, which is told with the reason. */
  readonly state: 'good' | 'warning' | 'failed' | 'unknown'
  /** One line: what was found. */
  readonly detail: string
  /** One line: what to do. Of all that is not good. */
  readonly remedy?: string
  /** Where the remedy can do no harm: what would be done, step by step. */
  readonly fix?: readonly FixStep[]
}

/** A change of this host, as data: it is shown before it is made. */
export type FixStep =
  | { readonly kind: 'run'; readonly program: string; readonly args: readonly string[] }
  | { readonly kind: 'write'; readonly path: string; readonly text: string }
  | { readonly kind: 'mode'; readonly path: string; readonly mode: number }

/** As a person would do it in a shell. */
export function stepText(step: FixStep): string {
  switch (step.kind) {
    case 'run':
      return [step.program, ...step.args].join(' ')
    case 'write':
      return `write ${step.path}: ${step.text.trimEnd().replaceAll('\n', ' | ')}`
    case 'mode':
      return `chmod ${step.mode.toString(8).padStart(4, '0')} ${step.path}`
    default:
      return step satisfies never
  }
}

/** What a check may ask of this host. Nothing throws: what is not there is `undefined`. */
export interface Machine {
  /** As Node names it. */
  readonly platform: string
  readonly isRoot: boolean
  /** A small text; `undefined` where it is missing or may not be read. */
  readText(path: string): string | undefined
  facts(path: string): FileFacts | undefined
  /** Room for others than root on the disk of a path. */
  freeBytes(path: string): number | undefined
  /** `code` is `undefined` where there is no such program, or it did not end in time. */
  run(program: string, args: readonly string[]): Promise<ProgramRun>
}

export interface FileFacts {
  /** Permission bits. */
  readonly mode: number
  readonly uid: number
  readonly isFolder: boolean
}

export interface ProgramRun {
  readonly code: number | undefined
  readonly output: string
}

export type Check = (machine: Machine) => Promise<readonly Diagnosis[]>

export const good = (name: string, detail: string): Diagnosis => ({ name, state: 'good', detail })
