import type { FileFacts, Machine, ProgramRun } from '../../agent/doctor/diagnosis.ts'

interface Parts {
  readonly platform?: string
  readonly isRoot?: boolean
  readonly texts?: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, Partial<FileFacts>>>
  readonly freeBytes?: number
  /** By command line; what is not there is no program. */
  readonly programs?: Readonly<Record<string, string | ProgramRun>>
}

/** A host of which only what a test names is there. */
export const aMachine = (parts: Parts = {}): Machine => ({
  platform: parts.platform ?? 'linux',
  isRoot: parts.isRoot ?? true,
  readText: (path) => parts.texts?.[path],
  facts: (path) => {
    const facts = parts.files?.[path]
    return facts && { mode: 0o600, uid: 0, isFolder: false, ...facts }
  },
  freeBytes: () => parts.freeBytes,
  run: async (program, args) => {
    const run = parts.programs?.[[program, ...args].join(' ')]
    if (run === undefined) return { code: undefined, output: '' }
    return typeof run === 'string' ? { code: 0, output: run } : run
  },
})
