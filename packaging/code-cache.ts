/**
 * Writes `NAME.cache` beside each chunk NAME of the working folder: what V8 would compile when it loads
 * it. To be run by the Node that is in the executable and with its V8 flags: V8 takes no other's.
 * Names without a folder: V8 writes them into the cache, and would write the folder too.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { Script } from 'node:vm'

for (const name of process.argv.slice(2)) {
  const script = new Script(readFileSync(name, 'utf8'), { filename: name })
  writeFileSync(`${name}.cache`, script.createCachedData())
}
