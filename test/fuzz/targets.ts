import type { FuzzTarget } from './target.ts'
import { COMMON_TARGETS } from './targets-common.ts'
import { LINUX_TARGETS } from './targets-linux.ts'
import { MACOS_TARGETS } from './targets-macos.ts'
import { WINDOWS_TARGETS } from './targets-windows.ts'

/** Every reader of bytes that others may write. */
export const TARGETS: readonly FuzzTarget[] = [
  ...COMMON_TARGETS,
  ...LINUX_TARGETS,
  ...WINDOWS_TARGETS,
  ...MACOS_TARGETS,
]
