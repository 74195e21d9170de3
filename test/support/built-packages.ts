/** Linux packages of this source and of an earlier version of it, built anew, for the programs in test/packages. */
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
export const PREVIOUS = '0.0.1'

export interface BuiltPackage {
  readonly folder: string
  /** In that folder. */
  readonly file: string
}

/** @param folder takes `old` and `new` */
export function buildOldAndNew(
  form: 'deb' | 'rpm',
  folder: string,
): Readonly<Record<'old' | 'new', BuiltPackage>> {
  const build = (name: string, more: readonly string[]): BuiltPackage => {
    const dist = join(folder, name)
    const words = ['linux-x64', form, ...more, `--dist=${dist}`]
    execFileSync(process.execPath, [join(root, 'packaging', 'package.ts'), ...words])
    const file = readdirSync(dist).find((name) => name.endsWith(`.${form}`)) ?? ''
    return { folder: dist, file }
  }
  return { old: build('old', [`--version=${PREVIOUS}`]), new: build('new', []) }
}
