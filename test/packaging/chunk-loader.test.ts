import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import t from 'tap'

const packaging = join(import.meta.dirname, '../../packaging')

/** Chunks as bundle.ts makes them. */
const CHUNKS = {
  'main.js': `const other = require('./other.js')
    exports.word = 'main'
    const later = async () => (await Promise.resolve().then(() => require('./later.js'))).loads
    later().then((loads) => later().then((again) => console.log(JSON.stringify({
      circle: other.circle(), meta: module.meta.url, loads: [loads, again],
      path: require('node:path').basename('/a/b'), stack: other.stack().split('\\n')[1].trim(),
    }))))`,
  'other.js': `const main = require('./main.js')
    exports.circle = () => main.word
    exports.stack = () => new Error('here').stack`,
  'later.js': `globalThis.loads = (globalThis.loads ?? 0) + 1
    exports.loads = globalThis.loads`,
}

t.test(
  'the executable loads chunks when they are asked for, once, with and without a code cache',
  async (t) => {
    const folder = t.testdir()
    t.teardown(() => rmSync(join(folder, 'program'), { force: true }))
    const files = Object.entries(CHUNKS).map(([name, text]) => {
      const file = join(folder, 'chunks', name)
      mkdirSync(join(folder, 'chunks'), { recursive: true })
      writeFileSync(file, `(function(exports,require,module){${text}})`)
      return [name, file] as const
    })
    const outfile = join(folder, 'chunk-loader.js')
    await build({
      ...{ entryPoints: [join(packaging, 'chunk-loader.ts')], bundle: true },
      ...{ platform: 'node', format: 'cjs', outfile, logLevel: 'error' },
    })
    const names = files.map(([name]) => name)
    const cwd = join(folder, 'chunks')
    execFileSync(process.execPath, [join(packaging, 'code-cache.ts'), ...names], { cwd })
    const caches = files.map(([name, file]) => [`${name}.cache`, `${file}.cache`] as const)
    for (const assets of [files, [...files, ...caches]]) {
      const config = {
        ...{ main: outfile, output: join(folder, 'program'), executable: process.execPath },
        ...{ disableExperimentalSEAWarning: true, assets: Object.fromEntries(assets) },
      }
      writeFileSync(join(folder, 'sea.json'), JSON.stringify(config))
      rmSync(join(folder, 'program'), { force: true })
      execFileSync(process.execPath, ['--build-sea', join(folder, 'sea.json')], { stdio: 'ignore' })
      const said = JSON.parse(execFileSync(join(folder, 'program'), { encoding: 'utf8' }))
      t.match(said, {
        circle: 'main',
        meta: pathToFileURL(join(folder, 'program')).href,
        loads: [1, 1],
        path: 'b',
        stack: /other\.js:3:/,
      })
    }
  },
)
