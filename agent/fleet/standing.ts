/**
 * Which configuration is in force by what is on disk: that of the file, and over it what the fleet has
 * given. This is how an agent starts without network, and what `agent config show` tells. Pure.
 *
 * The signature of what is kept is checked again: whoever can write the data folder, or pins another
 * key, does not get an old configuration through.
 */
import type { Config } from '../config/config.ts'
import { layered } from '../config/layers.ts'
import type { EffectiveSetting, Problem } from '../config/parse.ts'
import { readPublicKey } from './envelope.ts'
import { type Candidate, judgeKept } from './offer.ts'
import { type FleetState, inForce, type Kept } from './state.ts'

/** The local file as it was read; `text` is empty where there is none. */
export interface FilePart {
  readonly text: string
  readonly config: Config
  readonly effective: readonly EffectiveSetting[]
}

export interface Standing {
  readonly config: Config
  readonly effective: readonly EffectiveSetting[]
  /** Where the values marked `fleet` come from. */
  readonly fleet?: Kept & Pick<Candidate, 'isSigned'>
  /** Why what the fleet gave is not in force, one line. */
  readonly problem?: string
}

/** Starts under a configuration on trial that no orderly stop has followed: two can be bad luck. */
const MAX_STARTS = 2

export function standing(file: FilePart, state: FleetState | undefined): Standing {
  const { config, effective } = file
  const kept = config.fleet.url === undefined ? undefined : inForce(state)
  if (kept === undefined) return { config, effective }
  const read = judgeKept(kept.text, keysOf(config))
  if (!read.ok) return { config, effective, problem: `what the fleet gave is ${read.reason}` }
  const { config: text, isSigned } = read.value
  const result = layered(file.text, { text, isSigned })
  if (!result.ok) return { config, effective, problem: problemText(result.problems) }
  return { config: result.config, effective: result.effective, fleet: { ...kept, isSigned } }
}

/** The schema has let pass only keys that can be read. */
export const keysOf = ({ fleet }: Pick<Config, 'fleet'>) =>
  fleet.publicKeys.flatMap((text) => {
    const key = readPublicKey(text)
    return key.ok ? [key.value] : []
  })

export const problemText = (problems: readonly Problem[]): string =>
  problems
    .map(({ line, message }) => (line === undefined ? message : `line ${line}: ${message}`))
    .join('; ')

/** A start: a configuration on trial under which the agent has ended twice is given up. */
export function afterStart(state: FleetState, nowMs: number): FleetState {
  const { trial } = state
  if (trial === undefined) return state
  if (trial.starts < MAX_STARTS) {
    return { ...state, trial: { ...trial, starts: trial.starts + 1 } }
  }
  return givenUp(state, `the agent ended ${trial.starts} times while it was on trial`, nowMs)
}

/** An orderly stop says nothing against the configuration on trial. */
export const afterStop = ({ trial, ...rest }: FleetState): FleetState =>
  trial === undefined ? rest : { ...rest, trial: { ...trial, starts: 0 } }

/** Back to the last known good; what was on trial is not tried again until it changes. */
export function givenUp(state: FleetState, why: string, nowMs: number): FleetState {
  const { trial, ...rest } = state
  if (trial === undefined) return state
  const { offerHash, digest, version } = trial
  const back = rest.good === undefined ? 'the file alone' : nameOf(rest.good)
  const message = `${why}; back to ${back}`
  return {
    ...rest,
    failedDigest: digest,
    result: { state: 'failed', offerHash, digest, version, message, atMs: nowMs },
  }
}

const nameOf = ({ version, digest }: Kept): string =>
  version === undefined ? `what was before (${digest.slice(0, 12)})` : `version ${version}`
