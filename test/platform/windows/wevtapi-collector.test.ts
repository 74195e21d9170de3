/** What needs no Windows; the calls themselves are run in `test/live/windows-wine.test.ts`. */
import t from 'tap'
import { wevtapi } from '../../../platform/windows/wevtapi-collector.ts'

t.test('a system without the event log is a source that is not there', async (t) => {
  const log = wevtapi(t.testdir({}))
  const missing = { code: 'ERR_SOURCE_UNAVAILABLE', message: /^wevtapi\.dll: /, remedy: /Windows/ }
  t.throws(() => log.state('Security'), missing)
  t.throws(() => log.subscribe('Security', '*', 'new'), missing)
  t.throws(() => log.newestFirst('Security', '*'), missing)
})
