/**
 * The main script of the executable: loads the agent chunk by chunk from the executable's assets, each
 * when it is first asked for. A running agent never reads what draws reports or reads recordings, and
 * `agent status` never what watches a host: that halves the memory and the time to an answer.
 *
 * Where the executable has a chunk's code cache beside it, V8 takes that and does not compile.
 */
import { getAsset, getAssetKeys, getRawAsset } from 'node:sea'
import { pathToFileURL } from 'node:url'
import { Script } from 'node:vm'

interface Module {
  exports: unknown
  readonly meta: { readonly url: string }
}
type Chunk = (exports: unknown, require: (id: string) => unknown, module: Module) => void

const builtin = require
/** `import.meta` of each chunk: the file that it lies in. */
const meta = { url: pathToFileURL(process.execPath).href }
const modules = new Map<string, Module>()
const assets = new Set(getAssetKeys())

function load(name: string): unknown {
  const known = modules.get(name)
  if (known !== undefined) return known.exports
  const module: Module = { exports: {}, meta }
  // Before it runs: chunks may ask for one another in a circle.
  modules.set(name, module)
  const cache = `${name}.cache`
  const script = new Script(getAsset(name, 'utf8'), {
    filename: name,
    ...(assets.has(cache) && { cachedData: new Uint8Array(getRawAsset(cache) as ArrayBuffer) }),
  })
  const chunk: Chunk = script.runInThisContext()
  chunk(module.exports, requireChunk, module)
  return module.exports
}

const requireChunk = (id: string): unknown =>
  id.startsWith('./') ? load(id.slice('./'.length)) : builtin(id)

load('main.js')
