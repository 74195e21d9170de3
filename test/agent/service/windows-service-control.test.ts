/** What it does on Windows is in test/live/windows-msi.test.ts. */
import t from 'tap'
import { serviceControl } from '../../../agent/service/windows-service-control.ts'

t.test('where Windows is not, that is an error for a person', async (t) => {
  t.throws(() => serviceControl('/nonexistent'), {
    ...{ code: 'ERR_SERVICE', message: /^advapi32\.dll: / },
    remedy: 'Windows services are on Windows alone',
  })
})
