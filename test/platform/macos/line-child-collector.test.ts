import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { lineChild } from '../../../platform/macos/line-child-collector.ts'
import { until } from '../../support/until.ts'

const skip = process.platform === 'win32' && 'needs a shell'

function start(t: Test, script: string, silenceMs = 10_000) {
  const folder = t.testdir({ program: script })
  const control = new AbortController()
  const command = ['/bin/sh', join(folder, 'program')] as const
  return { folder, control, child: lineChild({ command, silenceMs }, control.signal) }
}

async function linesOf({ child }: ReturnType<typeof start>): Promise<string[]> {
  const batches = await Array.fromAsync(child.batches())
  return batches.flatMap(({ lines }) => lines)
}

t.test('gives the lines of a child, and how it ended', { skip }, async (t) => {
  const started = start(t, 'echo one; echo two; echo oh dear >&2; exit 3')
  t.strictSame(await linesOf(started), ['one', 'two'])
  t.strictSame(await started.child.end(), {
    complaint: 'oh dear\n',
    how: 'ended with 3',
    hasHalfLine: false,
  })
})

t.test('half a line is no line, and told', { skip }, async (t) => {
  const started = start(t, 'echo one; printf tw')
  t.strictSame(await linesOf(started), ['one'])
  t.match(await started.child.end(), { how: 'ended with 0', hasHalfLine: true })
})

t.test('a line without end is given up, and the next is read', { skip }, async (t) => {
  const started = start(t, 'head -c 5000000 /dev/zero | tr "\\0" x; echo; echo after')
  const batches = await Array.fromAsync(started.child.batches())
  t.strictSame(
    batches.flatMap(({ lines }) => lines),
    ['after'],
  )
  t.equal(
    batches.reduce((sum, { overlong }) => sum + overlong, 0),
    1,
  )
})

t.test('a child that hangs is ended', { skip }, async (t) => {
  const started = start(
    t,
    'echo $$ > "$(dirname "$0")/pid"; echo one; trap "" TERM; exec sleep 60',
    200,
  )
  t.strictSame(await linesOf(started), ['one'])
  t.match(await started.child.end(), { how: 'printed nothing for 0.2 s' })
  const pid = readFileSync(join(started.folder, 'pid'), 'utf8').trim()
  t.notOk(existsSync(`/proc/${pid}`), 'and is gone')
})

t.test('the signal ends it, though it ignores a request', { skip }, async (t) => {
  const started = start(t, 'trap "" TERM; echo $$ > "$(dirname "$0")/pid"; echo one; exec sleep 60')
  const batches = started.child.batches()
  await batches.next()
  started.control.abort()
  t.match(await batches.next(), { done: true })
  const pid = readFileSync(join(started.folder, 'pid'), 'utf8').trim()
  await until('the child is gone', () => !existsSync(`/proc/${pid}`))
})

t.test('a reader that stops ends it', { skip }, async (t) => {
  const started = start(t, 'echo $$ > "$(dirname "$0")/pid"; while echo y; do :; done')
  for await (const { lines } of started.child.batches()) {
    t.ok(lines.length > 0)
    break
  }
  const pid = readFileSync(join(started.folder, 'pid'), 'utf8').trim()
  await until('the child is gone', () => !existsSync(`/proc/${pid}`))
})

t.test('a program that is not there says so', async (t) => {
  const signal = new AbortController().signal
  const child = lineChild({ command: ['/nonexistent/eslogger'], silenceMs: 1000 }, signal)
  t.strictSame(await Array.fromAsync(child.batches()), [])
  t.match(await child.end(), { how: 'no such program' })
})
