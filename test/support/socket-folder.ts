import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** A folder with a short path: the path of a unix socket has room for some 100 bytes only. */
export function socketFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidewatch-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
