import t from 'tap'
import { readKernelFile, tryReadKernelFile } from '../../../platform/linux/proc-file-collector.ts'

t.test('reads a file whole, however long, and one after another', async (t) => {
  const long = 'row of a table\n'.repeat(20_000)
  const dir = t.testdir({ long, short: 'Grüße\n', empty: '' })
  t.equal(readKernelFile(`${dir}/long`), long)
  t.equal(readKernelFile(`${dir}/short`, 'utf8'), 'Grüße\n', 'nothing is left of the one before')
  t.equal(readKernelFile(`${dir}/short`).length, 8, 'one character a byte')
  t.equal(readKernelFile(`${dir}/empty`), '')
})

t.test('a missing file throws, or is nothing', async (t) => {
  t.throws(() => readKernelFile('/nonexistent'), { code: 'ENOENT' })
  t.equal(tryReadKernelFile('/nonexistent'), undefined)
})
