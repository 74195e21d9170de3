import t from 'tap'
import { mustSucceed } from '../../../agent/service/service-manager.ts'

const ending = (exitCode: number, output: string) => async () => ({ exitCode, output })

t.test('gives what the program said', async (t) => {
  t.equal(await mustSucceed(ending(0, 'done\n'), 'x', [], 'remedy'), 'done\n')
})

t.test('a failure names the program, its code, its words and the remedy', async (t) => {
  const failed = mustSucceed(ending(5, 'Access\r\n denied.\n'), 'C:\\reg.exe', ['add'], 'be admin')
  await t.rejects(failed, {
    ...{ code: 'ERR_SERVICE', remedy: 'be admin' },
    message: 'C:\\reg.exe add failed with 5: Access denied.',
  })
  const silent = mustSucceed(ending(5, ''), 'x', ['add'], 'be admin')
  await t.rejects(silent, { message: 'x add failed with 5' })
})
