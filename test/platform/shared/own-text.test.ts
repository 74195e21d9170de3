import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { ownText, textPool } from '../../../platform/shared/own-text.ts'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void
const MIB = 2 ** 20

function usedBytes(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** What 20 texts of 15 characters keep alive, each cut out of a chunk of 1 MiB. */
function heldBytes(kept: (text: string) => string): number {
  gc()
  const before = usedBytes()
  const texts: string[] = []
  for (let i = 0; i < 20; i++) {
    const chunk = Buffer.alloc(MIB, `/usr/bin/number${i} `).toString('latin1')
    texts.push(kept(chunk.slice(0, 15)))
  }
  // Twice: what the first one finds dead may be freed by the next.
  gc()
  gc()
  const held = usedBytes() - before
  return texts.length === 20 ? held : Number.NaN
}

t.test('a text that is kept does not keep its chunk', async (t) => {
  t.ok(heldBytes(ownText) < 5 * MIB, 'a copy')
  t.ok(heldBytes(textPool()) < 5 * MIB, 'a pooled copy')
  t.ok(heldBytes((text) => text) > 15 * MIB, 'as V8 does it')
})

t.test('the text is the same', async (t) => {
  const pool = textPool(2)
  for (const text of [
    '',
    'short',
    'longer than thirteen',
    'naïve ünïcode ☃ text',
    'and one more',
  ]) {
    t.equal(ownText(text), text)
    t.equal(pool(text), text)
  }
})
