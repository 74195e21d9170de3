/** The report of a hunt: what was found in recordings, what was not seen in them, and why. */
import type { HuntResult } from '../hunt/hunt.ts'
import { countText, timeText } from '../report/text.ts'
import { toldOfHunt } from '../report/told-finding.ts'
import { reportText } from './report-file.ts'

/** A page of more is no longer read. */
const MAX_FINDINGS = 200

export interface HuntReportOptions {
  /** As they were given. */
  readonly paths: readonly string[]
  readonly timeZone: string
}

export function huntReport(
  { findings, files, series, span }: HuntResult,
  { paths, timeZone }: HuntReportOptions,
): Promise<string> {
  const rows = files.reduce((sum, { counts }) => sum + counts.rows, 0)
  const spanText = span && `, ${timeText(span.firstMs)} to ${timeText(span.lastMs)}`
  // Those of one host come with each of its findings.
  const gaps = new Map(
    findings.flatMap((one) => one.gaps.map((gap) => [`${gap.fromMs} ${gap.toMs}`, gap])),
  )
  return reportText({
    subject: paths.length > 3 ? `${paths.slice(0, 3).join(', ')} and more` : paths.join(', '),
    source: `${countText(series)} series of ${countText(rows)} records in ${countText(files.length)} files${spanText ?? ''}`,
    // The same recording gives the same report.
    ...{ madeMs: span?.lastMs ?? 0, version: 'hunt', timeZone },
    ...{ found: findings.map(toldOfHunt), limit: MAX_FINDINGS, isOwnHost: false },
    gaps: [...gaps.values()].sort((a, b) => a.fromMs - b.fromMs),
    losses: files.flatMap(({ path, counts, error }) => {
      const { malformed, missing = 0 } = counts
      const told = [
        ...(error === undefined ? [] : [error.message]),
        ...(malformed > 0 ? [`${countText(malformed)} records could not be read`] : []),
        ...(missing > 0 ? [`${countText(missing)} are missing, by their numbering`] : []),
      ]
      return told.length === 0 ? [] : [{ source: path, what: told.join('; ') }]
    }),
  })
}
