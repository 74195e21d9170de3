/** What it does on Windows is in test/live/windows-msi.test.ts. */
import t from 'tap'
import { runWindowsService } from '../../../agent/service/windows-dispatcher.ts'

t.test('where Windows is not, that is an error for a person, and no work is begun', async (t) => {
  const work = async (): Promise<number> => {
    throw new Error('the work began')
  }
  await t.rejects(runWindowsService({ systemDir: '/nonexistent', work }), {
    ...{ code: 'ERR_SERVICE', message: /^run --service: / },
    remedy: 'it is for Windows alone',
  })
})
