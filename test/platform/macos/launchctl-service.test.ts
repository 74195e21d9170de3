import fc from 'fast-check'
import t from 'tap'
import { parseLaunchctlService } from '../../../platform/macos/launchctl-service.ts'
import { holds } from '../../support/holds.ts'

/** In the form that several people have printed of their own jobs. */
const TEXT = `gui/501/com.x.up = {
	active count = 0
	path = /Users/ann/Library/LaunchAgents/com.x.up.plist
	type = LaunchAgent
	state = not running

	program = /bin/bash
	arguments = {
		/bin/bash
		/Users/ann/up it.sh
	}

	default environment = {
		PATH => /usr/bin:/bin:/usr/sbin:/sbin
		program = /not/this
	}

	runs = 4
	last exit code = 0

	event triggers = {
		com.x.up.268435480 => {
			keepalive = 0
			service = com.x.up
			stream = com.apple.launchd.calendarinterval
			monitor = com.apple.UserEventAgent-Aqua
			descriptor = {
				"Minute" => 17
				"Hour" => 0
			}
		}
		other => {
			stream = com.apple.notifyd.matching
			descriptor = {
				"Hour" => 5
			}
		}
	}

	run interval = 900 seconds
	properties = runatload | inferred program
}
`

t.test('reads what a property list would have said', async (t) => {
  t.strictSame(parseLaunchctlService(TEXT), {
    ok: true,
    value: {
      path: '/Users/ann/Library/LaunchAgents/com.x.up.plist',
      job: {
        Label: 'com.x.up',
        Program: '/bin/bash',
        ProgramArguments: ['/bin/bash', '/Users/ann/up it.sh'],
        StartInterval: 900,
        StartCalendarInterval: [{ Minute: 17, Hour: 0 }],
      },
    },
  })
})

t.test('a daemon has its user, and may have no arguments', async (t) => {
  const text =
    'system/com.x.d = {\n\tpath = (submitted by x.7)\n\tprogram = /opt/d\n\tusername = _d\n}\n'
  t.strictSame(parseLaunchctlService(text), {
    ok: true,
    value: {
      path: '(submitted by x.7)',
      job: { Label: 'com.x.d', Program: '/opt/d', UserName: '_d' },
    },
  })
})

t.test('refuses what launchctl says of a job that is gone', async (t) => {
  const said = 'Could not find service "x" in domain for system\n'
  t.match(parseLaunchctlService(said), { ok: false, reason: /Could not find service/ })
  t.match(parseLaunchctlService(''), { ok: false, reason: /nothing printed/ })
})

t.test('properties', async (t) => {
  const line = fc.oneof(fc.string(), fc.constantFrom(...TEXT.split('\n')))
  const total = fc.property(fc.array(line), (lines) => void parseLaunchctlService(lines.join('\n')))
  holds(t, 'never throws', total)
})
