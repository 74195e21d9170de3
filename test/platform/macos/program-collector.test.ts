import { join } from 'node:path'
import t, { type Test } from 'tap'
import { printed } from '../../../platform/macos/program-collector.ts'

const skip = process.platform === 'win32' && 'needs a shell'

function run(t: Test, script: string, timeoutMs = 10_000, control = new AbortController()) {
  const folder = t.testdir({ program: script })
  return printed(['/bin/sh', join(folder, 'program'), 'a b'], timeoutMs, control.signal)
}

t.test('gives what was printed', { skip }, async (t) => {
  t.equal(await run(t, 'echo "$1"'), 'a b\n')
  t.equal(await run(t, 'echo half; exit 1'), 'half\n', 'lsof ends so where one process hid')
  t.equal(await run(t, 'exit 1'), '')
})

t.test('a PATH that somebody else set is not used', { skip }, async (t) => {
  t.equal(await run(t, 'echo "$PATH"'), '/usr/sbin:/usr/bin:/sbin:/bin\n')
})

const failures: Record<string, [string, RegExp]> = {
  'words on its way out': ['echo "bad option" >&2; exit 1', /bad option/],
  'another exit code': ['echo x; exit 3', /Command failed/],
  'a hang': ['exec sleep 60', /no answer in 0\.3 s/],
}
for (const [name, [script, message]] of Object.entries(failures)) {
  t.test(`fails with ${name}`, { skip }, async (t) => {
    await t.rejects(run(t, script, 300), { code: 'ERR_SOURCE_UNAVAILABLE', message })
  })
}

t.test('a program that is not there says so', async (t) => {
  const { signal } = new AbortController()
  await t.rejects(printed(['/nonexistent/lsof'], 1000, signal), {
    message: '/nonexistent/lsof: no such program',
    remedy: /comes with macOS/,
  })
})

t.test('the signal ends it without an error', { skip }, async (t) => {
  const control = new AbortController()
  const result = run(t, 'exec sleep 60', 10_000, control)
  control.abort()
  t.equal(await result, undefined)
})
