import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { systemdUnit, UNIT_NAME } from '../../../agent/service/systemd-unit.ts'

const skip = !existsSync('/usr/bin/systemd-analyze') && 'not installed: systemd'

t.test('the program stands in the unit as systemd reads it', async (t) => {
  const line = (...program: [string, ...string[]]) =>
    /^ExecStart=(.*)$/m.exec(systemdUnit(program))?.[1]
  t.equal(line('/usr/lib/tidewatch/tidewatch'), '/usr/lib/tidewatch/tidewatch run --json')
  t.equal(
    line('/opt/a b/node', '/opt/50%/m"x.ts'),
    '"/opt/a b/node" "/opt/50%%/m\\"x.ts" run --json',
  )
})

t.test('systemd takes it, and finds little that is open', { skip }, async (t) => {
  const path = join(t.testdir(), UNIT_NAME)
  writeFileSync(path, systemdUnit(['/bin/true']))
  const verify = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' })
  t.notMatch(verify.stderr, new RegExp(`${UNIT_NAME}:\\d+:`), 'no line that it ignores')
  const words = ['security', '--offline=true', '--threshold=20', '--no-pager', path]
  const { status, stdout } = spawnSync('systemd-analyze', words, { encoding: 'utf8' })
  t.equal(status, 0, stdout)
})
