/** The detector and the risk as a hunt asks them: of recordings. */

import type { Schedule } from '../../platform/event.ts'
import type { Transfer } from '../correlate/transfer.ts'
import { assess, type DetectOptions, type JobTimes } from '../detect/assess.ts'
import {
  assessRisk,
  compileRiskOptions,
  type RawRiskOptions,
  type RiskPlatform,
} from '../detect/risk.ts'
import { volumeOf } from '../detect/risk-volume.ts'
import type { Judge } from './findings.ts'

/** Jobs tried for a series whose lineage tells of none; each costs a comparison. */
const MAX_JOBS = 64

export interface JudgeOptions {
  readonly detect: Partial<DetectOptions>
  readonly risk: RawRiskOptions
  /** IANA name: where the people whose day it may follow live. */
  readonly timeZone: string
  /** When a known job fires; `undefined` where it can't be foretold. */
  readonly timesOf: (schedule: Schedule) => JobTimes | undefined
}

/** @throws {AgentError} `ERR_PATTERN_INVALID` for a setting that can't be read */
export function huntJudge({ detect, risk, timeZone, timesOf }: JudgeOptions): Judge {
  const options = compileRiskOptions(risk)

  function jobsOf(schedules: readonly Schedule[], transfer: Transfer | undefined): JobTimes[] {
    const all = transfer?.schedule === undefined ? schedules : [transfer.schedule]
    return all.flatMap((schedule) => timesOf(schedule) ?? []).slice(0, MAX_JOBS)
  }

  return {
    assess(observations, nowMs, surroundings, transfer) {
      const { gaps = [], schedules = [] } = surroundings ?? {}
      const jobs = jobsOf(schedules, transfer)
      return assess({ observations, gaps, jobs, timeZone, nowMs }, detect)
    },
    risk({ identity, assessment, observations, senders, transfer, nowMs }) {
      // A call that did not get through says nothing of what the others carry.
      const volume = volumeOf(observations.filter(({ sentBytes }) => sentBytes !== 0))
      return assessRisk(
        {
          platform: platformOf(transfer),
          identity,
          assessment,
          timeZone,
          nowMs,
          timesMs: observations.map(({ atMs }) => atMs),
          ...(transfer === undefined ? {} : { transfer }),
          ...(volume === undefined ? {} : { volume }),
          ...(senders === undefined ? {} : { destinationActors: senders }),
        },
        options,
      )
    },
  }
}

/** Whose conventions its paths and users follow. Sysmon for Linux writes as Windows does. */
export function platformOf(transfer: Transfer | undefined): RiskPlatform {
  if (transfer === undefined) return 'network'
  const { actor = '', datasets } = transfer
  if (datasets.some((dataset) => dataset.startsWith('macos.'))) return 'macos'
  return actor.startsWith('/') || datasets.some((dataset) => dataset.startsWith('linux.'))
    ? 'linux'
    : 'windows'
}
