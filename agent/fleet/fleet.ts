/**
 * The fleet's side of the agent: judges what the server offers, applies it, keeps it on disk, watches
 * the agent while it is on trial, and goes back to the last known good where it does not do well. Says
 * to the server and to the log what became of it.
 *
 * Detection settings are in force at once and told as applied at once; what restarts collectors or
 * outputs is told as applied when its trial is over.
 */
import { messageOf } from '../../platform/errors.ts'
import type { EpochMs } from '../../platform/event.ts'
import { layered } from '../config/layers.ts'
import type { FleetStatus } from '../control/status.ts'
import { type Agent, changedGroups } from '../reconfigure.ts'
import { type Candidate, judgeOffer, type Offer } from './offer.ts'
import type { FleetSource, Report } from './source.ts'
import { afterStop, type FilePart, givenUp, keysOf, problemText, standing } from './standing.ts'
import { type FleetState, inForce, type StateFile } from './state.ts'
import type { HostTraits } from './target.ts'
import { doubtsOf, type Ills, illsOf, worsening } from './trial.ts'

/** What cannot make the agent ill in a way that only time shows. */
const HARMLESS: readonly string[] = ['detect', 'alert', 'log']
const MAX_MESSAGE = 1_000

export interface FleetOptions {
  readonly file: FilePart
  readonly state: FleetState
  readonly stateFile: Pick<StateFile, 'save'>
  /** Why what is on disk could not be taken at the start (`standing.ts`). */
  readonly problem?: string | undefined
  readonly host: Omit<HostTraits, 'instanceId'>
  readonly agent: Pick<Agent, 'apply' | 'status' | 'config'>
  readonly source: FleetSource
  readonly clock: { now(): EpochMs }
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** One line for a person. */
  readonly say: (line: string) => void
}

export interface Fleet {
  /** Takes what is pushed until `signal` aborts. A bug, or a disk that keeps nothing, rejects. */
  run(signal: AbortSignal): Promise<void>
  status(): FleetStatus
}

export function createFleet(options: FleetOptions): Fleet {
  const { file, stateFile, host, agent, source, clock, say } = options
  const { url: whole = '', protocol, trialMs } = file.config.fleet
  // Links into buckets have a secret for a query.
  const [url = ''] = whole.split('?')
  const keys = keysOf(file.config)
  const failure = Promise.withResolvers<never>()
  let { state, problem } = options
  let turn: Promise<unknown> = Promise.resolve()
  let trial: AbortController | undefined
  let over: AbortSignal | undefined

  /** One change at a time: an offer may come while the one before is on trial. */
  const inTurn = (work: () => Promise<void>): void => {
    turn = turn.then(work)
    turn.catch(failure.reject)
  }

  const keep = (next: FleetState): void => {
    state = next
    stateFile.save(state)
  }

  /** @param of names the offer, as its server does */
  function tell(report: Report, of: Named): void {
    const { state: word, offerHash, message } = report
    const last = state.result
    if (
      word !== 'passed' &&
      (last?.state !== word || last.offerHash !== offerHash || last.message !== message)
    ) {
      keep({
        ...state,
        result: { state: word, offerHash, ...nameOf(of), message, atMs: clock.now() },
      })
      say(`fleet: ${titleOf(of)} ${word}${message === undefined ? '' : `: ${message}`}`)
    }
    source.report(report)
  }

  async function take(offer: Offer): Promise<void> {
    const judgment = judgeOffer(offer, {
      ...{ keys, nowMs: clock.now(), host: { ...host, instanceId: state.instanceId } },
      highestVersion: state.highestVersion,
      knownDigests: [inForce(state)?.digest, state.failedDigest],
    })
    const offerHash = offer.hash
    if (judgment.kind === 'not-for-us') {
      return tell({ offerHash, state: 'passed' }, { digest: offerHash })
    }
    const refuse = (message: string, of: Named): void =>
      tell({ offerHash, state: 'failed', message: message.slice(0, MAX_MESSAGE) }, of)
    if (judgment.kind === 'refused') return refuse(judgment.reason, { digest: offerHash })
    const { candidate } = judgment
    if (candidate.digest === inForce(state)?.digest) return again(offerHash, candidate)
    if (candidate.digest === state.failedDigest) {
      const last = state.result?.digest === candidate.digest ? state.result.message : undefined
      return refuse(last ?? 'did not run well when it was tried', candidate)
    }
    const result = layered(file.text, { text: candidate.config, isSigned: candidate.isSigned })
    if (!result.ok) return refuse(problemText(result.problems), candidate)
    await apply(offerHash, candidate, result.config)
  }

  /** The server offers what is in force: it may not know yet. */
  function again(offerHash: string, candidate: Candidate): void {
    const isWaiting = state.trial !== undefined && state.result?.state === 'applying'
    tell({ offerHash, state: isWaiting ? 'applying' : 'applied' }, candidate)
  }

  async function apply(offerHash: string, candidate: Candidate, config: Agent['config']) {
    const { text, digest, version } = candidate
    trial?.abort()
    const isHarmless = changedGroups(agent.config, config).every((it) => HARMLESS.includes(it))
    const before = isHarmless ? undefined : doubtsOf(agent.status())
    const kept = { text, offerHash, ...nameOf(candidate), source: url, atMs: clock.now() }
    const highestVersion = Math.max(version ?? 0, state.highestVersion ?? 0) || undefined
    keep({ ...state, highestVersion, trial: { ...kept, digest, starts: 1 } })
    tell({ offerHash, state: 'applying' }, candidate)
    try {
      await agent.apply(config)
    } catch (error) {
      return goBack(messageOf(error))
    }
    problem = undefined
    if (isHarmless) tell({ offerHash, state: 'applied' }, candidate)
    tryOut(before)
  }

  /** @param before `undefined` where only a crash can tell against it */
  function tryOut(before: Ills | undefined): void {
    trial = new AbortController()
    const signal = AbortSignal.any([trial.signal, ...(over === undefined ? [] : [over])])
    const confirm = async (): Promise<void> => {
      const { trial: kept, failedDigest: _, ...rest } = state
      if (signal.aborted || kept === undefined) return
      const ill = before && worsening(before, illsOf(agent.status()))
      if (ill !== undefined) return goBack(ill)
      const { starts: __, ...good } = kept
      keep({ ...rest, good })
      // A later offer may have been refused meanwhile: that is then the last word.
      if (state.result?.digest === good.digest) {
        tell({ offerHash: state.result.offerHash, state: 'applied' }, good)
      }
    }
    void options.sleep(trialMs, signal).then(() => inTurn(confirm))
  }

  async function goBack(why: string): Promise<void> {
    const { trial: failed } = state
    if (failed === undefined) return
    keep(givenUp(state, why, clock.now()))
    await agent.apply(standing(file, state).config)
    const message = state.result?.message
    say(`fleet: ${titleOf(failed)} failed: ${message}`)
    source.report({ offerHash: failed.offerHash, state: 'failed', message })
  }

  return {
    async run(signal) {
      over = signal
      const { result } = state
      if (result !== undefined) source.report(result)
      // A start in the middle of a trial: it begins anew.
      if (state.trial !== undefined) tryOut(undefined)
      const asking = source.run(signal, {
        onOffer: (offer) => inTurn(() => take(offer)),
        onInstanceId: (instanceId) => inTurn(async () => keep({ ...state, instanceId })),
      })
      await Promise.race([asking, failure.promise])
      await turn
      if (state.trial !== undefined) keep(afterStop(state))
    },
    status() {
      const current = inForce(state)
      return {
        ...{ protocol, url, instanceId: state.instanceId, ...source.status() },
        ...(current !== undefined &&
          problem === undefined && {
            current: {
              ...nameOf(current),
              ...{ source: current.source, sinceMs: current.atMs },
              ...{ isSigned: keys.length > 0, isOnTrial: state.trial !== undefined },
            },
          }),
        ...(state.result !== undefined && { result: state.result }),
        ...(problem !== undefined && { problem }),
      }
    },
  }
}

/** By which people know a configuration. */
interface Named {
  readonly digest: string
  readonly version?: number | undefined
}

const nameOf = ({ digest, version }: Named) => ({
  digest,
  ...(version !== undefined && { version }),
})

const titleOf = ({ digest, version }: Named): string =>
  version === undefined ? `configuration ${digest.slice(0, 12)}` : `version ${version}`
