import t from 'tap'
import { quotedDefinition } from '../../../agent/commands/definition.ts'
import { cronJob } from '../../support/findings.ts'

t.test('the line of a crontab, as it is now', async (t) => {
  const file = `${t.testdir({ crontab: 'SHELL=/bin/sh\n\n* * * * * root /b\n' })}/crontab`
  t.strictSame(quotedDefinition({ ...cronJob, file, line: 3 }), {
    file,
    lines: [{ line: 3, text: '* * * * * root /b' }],
  })
  t.equal(quotedDefinition({ ...cronJob, file, line: 99 }), undefined)
})

t.test('of a unit, the lines that tell when and what', async (t) => {
  const unit = '[Unit]\nDescription=x\n[Timer]\nOnCalendar=daily\nPersistent=true\n'
  const { line: _, ...job } = cronJob
  const file = `${t.testdir({ 'a.timer': unit })}/a.timer`
  t.match(quotedDefinition({ ...job, file }), {
    lines: [
      { line: 4, text: 'OnCalendar=daily' },
      { line: 5, text: 'Persistent=true' },
    ],
  })
})

t.test('what can not be read, or is no small file, is not quoted', async (t) => {
  const folder = t.testdir({ big: 'x'.repeat(2 << 20) })
  for (const file of ['/nonexistent', folder, `${folder}/big`, '/dev/zero']) {
    t.equal(quotedDefinition({ ...cronJob, file }), undefined, file)
  }
  t.equal(quotedDefinition(undefined), undefined)
})
