import fc from 'fast-check'
import t from 'tap'
import { parsePs } from '../../../platform/macos/ps.ts'
import { holds } from '../../support/holds.ts'

const NOW = 1_700_000_000_000
const CHROME = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'

t.test('joins both listings by pid', async (t) => {
  const comms = [
    '    1     0     0  2-03:04:05 /sbin/launchd',
    '  520     1   501       04:05 /bin/bash',
    `  521     1   501    01:00:00 ${CHROME}`,
    '',
  ].join('\n')
  const commands = [
    '    1     0     0  2-03:04:05 /sbin/launchd',
    '  520     1   501       04:05 bash /opt/collect.sh  -v',
    `  521     1   501    01:00:00 ${CHROME} --type=gpu`,
    '  600     1   501       00:00 ps -axww',
  ].join('\n')
  t.strictSame(parsePs(comms, commands, NOW), [
    {
      pid: 1,
      parentPid: 0,
      startMs: NOW - (((2 * 24 + 3) * 60 + 4) * 60 + 5) * 1000,
      executable: '/sbin/launchd',
      args: ['/sbin/launchd'],
      user: { id: '0' },
    },
    {
      pid: 520,
      parentPid: 1,
      startMs: NOW - 245_000,
      executable: '/bin/bash',
      args: ['bash', '/opt/collect.sh', '-v'],
      user: { id: '501' },
    },
    {
      pid: 521,
      parentPid: 1,
      startMs: NOW - 3_600_000,
      executable: CHROME,
      args: [CHROME, '--type=gpu'],
      user: { id: '501' },
    },
  ])
})

t.test('what has no path has a name, and what has no known age no start', async (t) => {
  const [process] = parsePs(' 7 1 0 - (kernel worker)\n', '', NOW)
  t.strictSame(process, { pid: 7, parentPid: 1, name: '(kernel worker)', user: { id: '0' } })
})

t.test('lines of another form are passed over', async (t) => {
  t.strictSame(parsePs('PID PPID\nx 1 2 00:01 a\n\n 7 1 0 00:01\n', '', NOW), [])
})

t.test('properties', async (t) => {
  const total = fc.property(fc.string(), fc.string(), (comms, commands) => {
    parsePs(comms, commands, NOW)
  })
  holds(t, 'never throws', total)
})
