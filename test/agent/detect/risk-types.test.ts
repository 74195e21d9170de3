import t from 'tap'
import { scheduleOf } from '../../../agent/detect/risk-types.ts'
import { assessment, cronJob, transfer } from '../../support/findings.ts'

t.test('the job that started it goes before the one that it follows', async (t) => {
  const { schedule: _, ...unscheduled } = transfer
  const other = { ...cronJob, id: 'other' }
  t.equal(scheduleOf({ assessment: { ...assessment, schedule: other }, transfer })?.id, cronJob.id)
  t.equal(
    scheduleOf({ assessment: { ...assessment, schedule: other }, transfer: unscheduled })?.id,
    'other',
  )
  t.equal(scheduleOf({ assessment }), undefined)
})
