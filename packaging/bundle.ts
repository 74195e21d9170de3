/**
 * The agent with all that it imports, as chunks of JavaScript: one for each module that is imported
 * when it is needed, and for what several of them share. The bundle differs from the source in two
 * places: native modules are the files beside the executable (never unpacked to a temporary folder,
 * which may forbid programs), and the version is written in.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Plugin, transform } from 'esbuild'
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
  /** The script that loads the chunks (chunk-loader.ts). */
  readonly main: string
  /** Files whose names are the chunks'; `main.js` begins. */
  readonly chunks: readonly string[]
  /** Every source file of ours and others that is in it, relative to the root. */
  readonly sources: readonly string[]
}

const COMMON = {
  bundle: true,
  platform: 'node',
  target: 'node26',
  write: false,
  legalComments: 'none',
  logLevel: 'error',
} as const

/**
 * @param folder where the files go: exists, and has none of them
 * @param version what `agent --version` will tell
 */
export async function bundleAgent(folder: string, version: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    ...COMMON,
    absWorkingDir: root,
    entryPoints: ['agent/main.ts'],
    plugins: [nativesBeside],
    format: 'esm',
    splitting: true,
    outdir: join(folder, 'chunks'),
    entryNames: '[name]',
    metafile: true,
    define: { TIDEWATCH_VERSION: JSON.stringify(version) },
  })
  mkdirSync(join(folder, 'chunks'))
  const chunks: string[] = []
  for (const { path, text } of outputFiles) {
    writeFileSync(path, await asFunction(text))
    chunks.push(path)
  }
  const main = join(folder, 'chunk-loader.js')
  const entryPoints = [join(root, 'packaging', 'chunk-loader.ts')]
  await build({ ...COMMON, entryPoints, format: 'cjs', outfile: main, write: true })
  const sources = Object.keys(metafile.inputs).sort()
  return { main, chunks: chunks.sort(), sources }
}

/**
 * A chunk as a function of (exports, require, module). As CommonJS it takes of Node's modules only what
 * it uses: an import runs each getter of `node:http`, one of which loads a whole HTTP client.
 */
async function asFunction(chunk: string): Promise<string> {
  const { code } = await transform(chunk.replace(/^#!.*/, ''), {
    ...{ format: 'cjs', platform: 'node', target: 'node26', logLevel: 'error' },
    supported: { 'dynamic-import': false },
    define: { 'import.meta': 'module.meta' },
    // Names stay, and lines are short: a stack in the journal must be readable.
    ...{ minifySyntax: true, minifyWhitespace: true, lineLimit: 160 },
  })
  // What esbuild leaves is in regular expressions. A text of one byte a character takes half the memory.
  const ascii = code.replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `(function(exports,require,module){${ascii}})`
}
