/**
 * The factors of risk and their points. Pure.
 *
 * A factor speaks only where its fact is known; `risk-points.ts` says what it is worth, and why.
 * `risk.ts` adds them up.
 */
import { networkScope } from '../../platform/address.ts'
import type { Evidence } from './assessment.ts'
import {
  isHiddenPath,
  isHomePath,
  isOrdinaryUser,
  isOwnJob,
  isTempPath,
  programKind,
} from './risk-context.ts'
import type { RiskOptions } from './risk-options.ts'
import { POINTS } from './risk-points.ts'
import { type RiskInput, scheduleOf } from './risk-types.ts'

const DAY_MS = 86_400_000
/** Below this a run is a keep-alive, whichever side sends more of it. */
const MIN_RUN_BYTES = 256
const VOLUME_FROM_BYTES = 64 * 1_024
const VOLUME_TO_BYTES = 1_024 ** 3

type Name = keyof typeof POINTS

/** @param share of the points, 0 to 1; parts of a point do not count */
const factor = (name: Name, value: number | string, meaning: string, share = 1): Evidence[] => {
  const weight = Math.round(POINTS[name] * Math.min(1, Math.max(0, share)))
  return weight === 0 ? [] : [{ name, value, meaning, weight }]
}

/** All factors that speak, in the order of the table. */
export function riskFactors(input: RiskInput, options: RiskOptions): readonly Evidence[] {
  return [
    ...scheduleFactors(input),
    ...volumeFactors(input),
    ...destinationFactors(input),
    ...userFactors(input, options),
    ...pathFactors(input, options),
    ...programFactors(input),
  ]
}

function scheduleFactors({ assessment, transfer, nowMs }: RiskInput): readonly Evidence[] {
  const { score } = assessment
  const found = factor('recurrence', score, 'It recurs, and how sure that is', score)
  const schedule = transfer?.schedule ?? assessment.schedule
  if (schedule === undefined) {
    const [period] = assessment.periods
    if (period?.model === 'sleep') {
      const meaning = 'It sleeps between calls and no job explains it'
      return [...found, ...factor('beacon_like', period.form, meaning)]
    }
    if (period === undefined) return found
    const meaning = 'It keeps to the clock, and no job is known that would'
    return [...found, ...factor('unexplained_clock', period.form, meaning)]
  }
  if (transfer?.schedule !== undefined) {
    found.push(...factor('started_by_schedule', schedule.scheduler, 'A scheduled job started it'))
  }
  if (assessment.schedule !== undefined) {
    found.push(
      ...factor(
        'follows_schedule',
        assessment.schedule.trigger,
        'Its times are the fire times of a known job',
      ),
    )
  }
  if (schedule.modifiedMs !== undefined) {
    const days = Math.max(0, nowMs - schedule.modifiedMs) / DAY_MS
    found.push(
      ...factor('recent_schedule', round(days), 'Days since the job was written', (7 - days) / 6),
    )
  }
  return found
}

function volumeFactors({ volume }: RiskInput): readonly Evidence[] {
  if (volume === undefined) return []
  const { sentBytesMedian, sentBytesTotal, sentShare, trendRatio } = volume
  const magnitude =
    Math.log(Math.max(1, sentBytesTotal) / VOLUME_FROM_BYTES) /
    Math.log(VOLUME_TO_BYTES / VOLUME_FROM_BYTES)
  const isPayload = sentBytesMedian >= MIN_RUN_BYTES
  return [
    ...(sentShare === undefined || !isPayload
      ? []
      : // Half and half is a dialog; nine tenths is an upload.
        factor(
          'sends_more',
          round(sentShare),
          'Share of the bytes that left',
          (sentShare - 0.5) / 0.4,
        )),
    ...factor('volume', sentBytesTotal, 'Bytes sent in all', magnitude),
    ...(trendRatio === undefined || !isPayload
      ? []
      : factor('volume_grows', round(trendRatio), 'Newer runs over older ones', trendRatio - 1)),
  ]
}

function destinationFactors(input: RiskInput): readonly Evidence[] {
  const { identity, transfer, destinationFirstSeenMs, destinationActors, nowMs } = input
  const ip = transfer?.destination.ip ?? identity.destinationIp
  const scope = ip === undefined ? undefined : networkScope(ip)
  const found: Evidence[] = []
  if (scope === 'external')
    found.push(...factor('external_destination', ip ?? '', 'The destination is outside'))
  else if (scope === undefined || scope === 'unspecified') {
    const name = transfer?.domain ?? identity.destinationDomain ?? ip ?? ''
    found.push(...factor('unresolved_destination', name, 'The address is not known to be inside'))
  } else if (scope !== 'private') {
    found.push(...factor('local_destination', scope, 'The destination is this host or its link'))
  }
  if (destinationFirstSeenMs !== undefined) {
    const days = Math.max(0, nowMs - destinationFirstSeenMs) / DAY_MS
    found.push(
      ...factor(
        'new_destination',
        round(days),
        'Days since this host first talked to it',
        (30 - days) / 29,
      ),
    )
  }
  if (destinationActors !== undefined && destinationActors > 0) {
    found.push(
      ...factor(
        'rare_destination',
        destinationActors,
        'Programs of this host that talk to it',
        (3 - destinationActors) / 2,
      ),
    )
  }
  return found
}

function userFactors(input: RiskInput, options: RiskOptions): readonly Evidence[] {
  const { transfer, identity, platform } = input
  const user =
    transfer?.user ?? (identity.userId === undefined ? undefined : { id: identity.userId })
  const found: Evidence[] = []
  const watched = [user, transfer?.loginUser].find(
    (who) => who !== undefined && options.isExfilUser(who),
  )
  if (watched !== undefined) {
    found.push(...factor('exfil_user', watched.name ?? watched.id ?? '', 'One of exfilUserContext'))
  }
  const schedule = scheduleOf(input)
  const actor = transfer?.actor ?? identity.actor
  if (
    options.raisesHomeJobs &&
    schedule !== undefined &&
    isOrdinaryUser(user, platform) &&
    isOwnJob(schedule, actor)
  ) {
    found.push(
      ...factor('user_home_job', user?.name ?? user?.id ?? '', "An ordinary user's own job"),
    )
  }
  return found
}

function pathFactors(input: RiskInput, options: RiskOptions): readonly Evidence[] {
  const { transfer, identity } = input
  const schedule = scheduleOf(input)
  const actor = transfer?.actor ?? identity.actor
  const programs = present([actor, transfer?.lineage[0]?.executable])
  const first = (test: (path: string) => unknown, paths: readonly string[]) =>
    paths.find((path) => test(path))
  const scripts = present([...programs, schedule?.command])
  const jobs = present([...programs, schedule?.file])
  const rows: readonly (readonly [Name, string | undefined, string])[] = [
    ['script_path', first(options.scriptPath, scripts), 'Matches scriptPathRegex'],
    ['agent_path', first(options.agentPath, jobs), 'Matches agentPathPatterns'],
    ['temp_path', first(isTempPath, programs), 'It runs from a folder that anyone may write'],
    ['hidden_path', first(isHiddenPath, programs), 'It runs from a hidden path'],
    ['home_path', first(isHomePath, programs), 'It runs from a home folder'],
  ]
  return rows.flatMap(([name, path, meaning]) =>
    path === undefined ? [] : factor(name, path, meaning),
  )
}

/** The strongest kind alone: a lineage of three interpreters is one story. */
function programFactors({ transfer, identity }: RiskInput): readonly Evidence[] {
  const programs = present([
    ...(transfer?.lineage ?? []).map((process) => process.executable ?? process.name),
    transfer?.actor ?? identity.actor,
  ])
  const kinds = [
    ['unlikely_sender', 'It has no business on the network'],
    ['transfer_tool', 'A tool that moves data'],
    ['interpreter', 'It runs whatever text it is given'],
  ] as const
  for (const [kind, meaning] of kinds) {
    const program = programs.find((path) => programKind(path) === kind)
    if (program !== undefined) return factor(kind, program, meaning)
  }
  return []
}

const present = (values: readonly (string | undefined)[]): readonly string[] =>
  values.filter((value) => value !== undefined)

const round = (value: number): number => Math.round(value * 100) / 100
