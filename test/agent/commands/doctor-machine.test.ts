import { readFileSync, statSync } from 'node:fs'
import t from 'tap'
import { applyStep, thisMachine } from '../../../agent/commands/doctor-machine.ts'

const machine = thisMachine('linux', 1000)

t.test('what is there is told, and what is not is undefined', async (t) => {
  const folder = t.testdir({ a: 'text', big: 'x'.repeat(2 << 20) })
  t.equal(machine.readText(`${folder}/a`), 'text')
  t.equal(machine.readText(`${folder}/big`), undefined, 'more than is asked for')
  t.equal(machine.readText('/nonexistent'), undefined)
  t.match(machine.facts(folder), { isFolder: true, mode: Number })
  t.equal(machine.facts('/nonexistent'), undefined)
  t.ok((machine.freeBytes(folder) ?? 0) > 0)
  t.equal(machine.freeBytes('/nonexistent'), undefined)
  t.equal(machine.isRoot, false)
})

t.test('programs are asked, with what they say and end with', async (t) => {
  t.match(await machine.run('sh', ['-c', 'echo $LC_ALL; echo no >&2; exit 3']), {
    code: 3,
    output: 'C\nno\n',
  })
  t.match(await machine.run('no-such-program', []), { code: undefined })
})

t.test('steps are made, or fail with a reason', async (t) => {
  const folder = t.testdir({ a: 'text' })
  await applyStep('linux', { kind: 'write', path: `${folder}/b`, text: 'new' })
  t.equal(readFileSync(`${folder}/b`, 'utf8'), 'new')
  await applyStep('linux', { kind: 'mode', path: `${folder}/a`, mode: 0o600 })
  t.equal(statSync(`${folder}/a`).mode & 0o777, 0o600)
  await applyStep('linux', { kind: 'run', program: 'true', args: [] })
  await t.rejects(
    applyStep('linux', { kind: 'run', program: 'sh', args: ['-c', 'echo why; exit 1'] }),
    { message: 'why' },
  )
})
