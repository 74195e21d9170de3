import t from 'tap'
import { reportText } from '../../../agent/commands/report-file.ts'
import { cronJob } from '../../support/findings.ts'
import { aTold } from '../../support/told-finding.ts'

t.test('definitions are quoted on their own host only', async (t) => {
  const file = `${t.testdir({ crontab: '* * * * * root /quoted\n' })}/crontab`
  const content = (isOwnHost: boolean) =>
    reportText({
      ...{ subject: 'a', source: 'b', madeMs: 0, version: '1', timeZone: 'UTC', limit: 10 },
      ...{
        isOwnHost,
        losses: [],
        gaps: [],
        found: [aTold({ schedule: { ...cronJob, file, line: 1 } })],
      },
    })
  t.match(await content(true), '1 | * * * * * root /quoted')
  t.notMatch(await content(false), '/quoted')
})
