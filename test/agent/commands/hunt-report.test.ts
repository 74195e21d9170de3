import t from 'tap'
import { huntReport } from '../../../agent/commands/hunt-report.ts'
import { aFinding } from '../../support/hunt-finding.ts'

t.test('a hunt as a report: the same recording gives the same one', async (t) => {
  const gap = { fromMs: 1_000, toMs: 61_000, reason: 'overrun' }
  const counts = { rows: 1_500, connections: 0, names: 0, ignored: 0, malformed: 3, missing: 9 }
  const result = {
    findings: [
      { ...aFinding(), gaps: [gap] },
      { ...aFinding(), gaps: [gap] },
    ],
    files: [{ path: 'audit.log', counts, faults: [] }],
    ...{ series: 7, probes: 0, dropped: 0, span: { firstMs: 0, lastMs: 1_700_000_000_000 } },
  }
  const options = { paths: ['a', 'b', 'c', 'd'], timeZone: 'UTC' }
  const page = await huntReport(result, options)
  for (const part of [
    'recurring transfers of a, b, c and more',
    '7 series of 1,500 records in 1 files',
    '3 records could not be read; 9 are missing, by their numbering',
    '1 blind spans',
    'cdn.example:443',
  ]) {
    t.match(page, part)
  }
  t.equal(await huntReport(result, options), page)
})
