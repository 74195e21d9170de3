import t from 'tap'
import { good, stepText } from '../../../agent/doctor/diagnosis.ts'

t.test('steps are shown as a person would do them', async (t) => {
  t.equal(stepText({ kind: 'run', program: 'sysctl', args: ['-w', 'a=1'] }), 'sysctl -w a=1')
  t.equal(
    stepText({ kind: 'write', path: '/etc/a', text: 'x = 1\ny = 2\n' }),
    'write /etc/a: x = 1 | y = 2',
  )
  t.equal(stepText({ kind: 'mode', path: '/a', mode: 0o600 }), 'chmod 0600 /a')
  t.strictSame(good('a', 'b'), { name: 'a', state: 'good', detail: 'b' })
})
