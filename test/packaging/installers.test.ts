import t from 'tap'
import { certificateOf } from '../../packaging/installers.ts'

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
