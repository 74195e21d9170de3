import type { ReportInput } from '../../agent/report/page/page.ts'
import type { ToldFinding } from '../../agent/report/told-finding.ts'
import { START_MS } from './findings.ts'
import { aTold } from './told-finding.ts'

/** A report of one finding, of which a test changes what it is about. */
export const aReport = (
  changes: readonly Partial<ToldFinding>[] = [{}],
  more: Partial<ReportInput> = {},
): ReportInput => ({
  ...{ subject: 'web1', source: 'a source', madeMs: START_MS, version: '1.2.3', timeZone: 'UTC' },
  findings: changes.map((change) => ({ told: aTold(change), expectedMs: [START_MS] })),
  ...{ untold: 0, losses: [], gaps: [] },
  ...more,
})
