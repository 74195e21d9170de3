import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Script } from 'node:vm'
import t from 'tap'

const NAME = 'a-chunk-with-a-long-name.js'
const script = join(import.meta.dirname, '../../packaging/code-cache.ts')

t.test('V8 takes the cache that it wrote, for that text alone', async (t) => {
  const text = '(function(exports){exports.sum=(a,b)=>a+b})'
  const folder = t.testdir({ [NAME]: text })
  execFileSync(process.execPath, [script, NAME], { cwd: folder })
  const cachedData = readFileSync(join(folder, `${NAME}.cache`))
  t.notMatch(cachedData.toString('latin1'), folder, 'the same bytes in any folder')
  const same = new Script(text, { filename: NAME, cachedData })
  t.equal(same.cachedDataRejected, false)
  const exports: { sum?: (a: number, b: number) => number } = {}
  same.runInThisContext()(exports)
  t.equal(exports.sum?.(1, 2), 3)
  t.equal(new Script(`${text} `, { filename: NAME, cachedData }).cachedDataRejected, true)
})
