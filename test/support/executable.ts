/** An executable as the build leaves it, without its 120 MB: a script, and two files for its modules. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Executable } from '../../packaging/executable.ts'
import { targetOf } from '../../packaging/targets.ts'

export function smallExecutable(folder: string, name: 'linux-x64' | 'linux-arm64'): Executable {
  mkdirSync(folder, { recursive: true })
  const files = ['tidewatch', 'better_sqlite3.node', 'koffi.node']
  for (const file of files) writeFileSync(join(folder, file), `#!/bin/sh\necho ${file}\n`)
  const bundle = { main: '/none', chunks: [], sources: ['node_modules/zod/index.js'] }
  return { target: targetOf(name), version: '1.2.3', folder, files, bundle }
}

export const withoutProgram = (name: string): string | false =>
  process.env['PATH']?.split(':').some((folder) => existsSync(join(folder, name)))
    ? false
    : `not installed: ${name}`
