import t from 'tap'
import { certificateOf, formsOf } from '../../packaging/installers.ts'

t.test('a certificate is given by its file and its password, or not at all', async (t) => {
  t.equal(certificateOf({}), undefined)
  t.equal(certificateOf({ TIDEWATCH_WINDOWS_PKCS12: '/a' }), undefined)
  const both = { TIDEWATCH_WINDOWS_PKCS12: '/a', TIDEWATCH_WINDOWS_PASSWORD_FILE: '/b' }
  t.strictSame(certificateOf(both), { file: '/a', passwordFile: '/b' })
  const timestampUrl = 'http://timestamp.example'
  t.strictSame(certificateOf({ ...both, TIDEWATCH_WINDOWS_TIMESTAMP_URL: timestampUrl }), {
    ...{ file: '/a', passwordFile: '/b', timestampUrl },
  })
})

t.test('each target has its installers', async (t) => {
  t.same(formsOf('linux-arm64'), ['deb', 'rpm'])
  t.same(formsOf('win32-x64'), ['msi'])
  t.same(formsOf('darwin-x64'), ['pkg'])
})
