/** The detector and the risk as a hunt asks them: of recordings, without the times of jobs. */
import { assess, type DetectOptions } from '../detect/assess.ts'
import { assessRisk, compileRiskOptions, type RawRiskOptions } from '../detect/risk.ts'
import { volumeOf } from '../detect/risk-volume.ts'
import type { Judge } from './findings.ts'

export interface JudgeOptions {
  readonly detect: Partial<DetectOptions>
  readonly risk: RawRiskOptions
  /** IANA name: where the people whose day it may follow live. */
  readonly timeZone: string
}

/** @throws {AgentError} `ERR_PATTERN_INVALID` for a setting that can't be read */
export function huntJudge({ detect, risk, timeZone }: JudgeOptions): Judge {
  const options = compileRiskOptions(risk)
  return {
    assess: (observations, nowMs) =>
      assess({ observations, gaps: [], jobs: [], timeZone, nowMs }, detect),
    risk({ identity, assessment, observations, senders, transfer, nowMs }) {
      // A call that did not get through says nothing of what the others carry.
      const volume = volumeOf(observations.filter(({ sentBytes }) => sentBytes !== 0))
      return assessRisk(
        {
          platform: transfer === undefined ? 'network' : 'windows',
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
