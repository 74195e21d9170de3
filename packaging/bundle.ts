/**
 * The agent as one file of JavaScript, with all that it imports. The bundle differs from the source in
 * two places: native modules are the files beside the executable (never unpacked to a temporary folder,
 * which may forbid programs), and the version is written in.
 */
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { KOFFI_FILE, SQLITE_FILE } from './targets.ts'

const root = join(import.meta.dirname, '..')

/** `process.execPath` is the file itself, also when a link to it was called. */
const LOAD = `const load = (file) => {
  const module = { exports: {} }
  process.dlopen(module, require('node:path').join(require('node:path').dirname(process.execPath), file))
  return module.exports
}`

/** What stands where a library looks for its native module. */
const STAND_INS: Readonly<Record<string, string>> = {
  'better-sqlite3/binding': `${LOAD}
    let addon
    exports.getBinding = () => (addon ??= load('${SQLITE_FILE}'))`,
  koffi: `${LOAD}
    module.exports = load('${KOFFI_FILE}')`,
}

const nativesBeside: Plugin = {
  name: 'natives-beside-the-executable',
  setup({ onResolve, onLoad }) {
    const namespace = 'stand-in'
    onResolve({ filter: /^koffi$/ }, ({ path }) => ({ path, namespace }))
    onResolve({ filter: /^\.\/binding$/ }, ({ importer }) =>
      /\/better-sqlite3\/lib\/[^/]+$/.test(importer)
        ? { path: 'better-sqlite3/binding', namespace }
        : undefined,
    )
    onLoad({ filter: /.*/, namespace }, ({ path }) => ({ contents: STAND_INS[path] ?? '' }))
  },
}

export interface Bundle {
  readonly path: string
  /** Every source file of ours and others that is in it, relative to the root. */
  readonly sources: readonly string[]
}

/**
 * @param outfile its name ends in `.mjs`
 * @param version what `agent --version` will tell
 */
export async function bundleAgent(outfile: string, version: string): Promise<Bundle> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['agent/main.ts'],
    ...{ bundle: true, platform: 'node', format: 'esm', target: 'node26', outfile },
    // Names stay, and lines are short: a stack in the journal must be readable.
    ...{ minifySyntax: true, minifyWhitespace: true, lineLimit: 160 },
    ...{ legalComments: 'none', metafile: true, logLevel: 'error' },
    define: { TIDEWATCH_VERSION: JSON.stringify(version) },
    // Libraries in CommonJS ask for Node's own modules by require.
    banner: {
      js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);",
    },
    plugins: [nativesBeside],
  })
  return { path: outfile, sources: Object.keys(metafile.inputs).sort() }
}
