import fc from 'fast-check'
import t from 'tap'
import { esloggerComplaint } from '../../../platform/macos/eslogger-complaint.ts'
import { holds } from '../../support/holds.ts'

const says: Record<string, [RegExp, RegExp]> = {
  'Failed to create ES client: Not permitted to create an ES Client, responsible process needs TCC Full Disk Access authorization (ES_NEW_CLIENT_RESULT_ERR_NOT_PERMITTED)':
    [/no Full Disk Access/, /Privacy & Security/],
  'Failed to create ES client: Not privileged to create an ES client, need to be superuser (ES_NEW_CLIENT_RESULT_ERR_NOT_PRIVILEGED)':
    [/not run as root/, /as root/],
  'Failed to create ES client: (ES_NEW_CLIENT_RESULT_ERR_TOO_MANY_CLIENTS)': [
    /too many clients/,
    /stop another/,
  ],
  'es_new_client: ES_NEW_CLIENT_RESULT_ERR_NOT_PERMITTED': [/no Full Disk Access/, /restart it/],
  'Failed to parse event types: nope': [/exec, fork and exit/, /--list-events/],
  'first\nsomething new\n': [/^something new$/, /root and Full Disk Access/],
  '': [/^ended with 9$/, /macOS 13/],
}
for (const [stderr, [reason, remedy]] of Object.entries(says)) {
  t.test(`explains ${JSON.stringify(stderr.slice(0, 60))}`, async (t) => {
    t.match(esloggerComplaint(stderr, 'ended with 9'), { reason, remedy })
  })
}

t.test('properties', async (t) => {
  const oneLine = fc.property(fc.string(), (stderr) => {
    const { reason, remedy } = esloggerComplaint(stderr, 'ended with 1')
    return reason !== '' && !reason.includes('\n') && !remedy.includes('\n')
  })
  holds(t, 'always says one line', oneLine)
})
