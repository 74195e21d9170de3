import { huntFiles } from '../../agent/commands/hunt-files.ts'
import { type HuntResult, hunt } from '../../agent/hunt/hunt.ts'
import { huntJudge } from '../../agent/hunt/judge.ts'
import { jobTimes } from '../../agent/job-times.ts'
import { rawOptions } from './findings.ts'

/** The detector as a hunt asks it, with little that raises or lowers a risk. */
export const plainJudge = huntJudge({
  timeZone: 'UTC',
  detect: {},
  risk: { ...rawOptions, minRisk: 50 },
  timesOf: jobTimes('UTC'),
})

/** Hunts in all that lies in a folder. */
export async function huntFolder(folder: string): Promise<HuntResult> {
  const { files, schedules } = await huntFiles([folder])
  return hunt({
    ...{ files: files.map(({ path }) => path), schedules, networks: [], timeZone: 'UTC' },
    ...{ maxObservations: 2_000, isAll: false, judge: plainJudge },
  })
}
