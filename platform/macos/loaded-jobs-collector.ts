/**
 * Asks launchd what it has loaded, and lays that to the property lists: a job that is written and not
 * loaded does not run, and one that is loaded and not written (its list was removed, or never stood in
 * a folder of launchd's) runs all the same.
 */
import { AgentError, messageOf } from '../errors.ts'
import type { EpochMs, Schedule } from '../event.ts'
import { type LaunchdDomain, parseLaunchctlPrint } from './launchctl-print.ts'
import { parseLaunchctlService } from './launchctl-service.ts'
import type { LaunchdScan } from './launchd-files-collector.ts'
import { launchdJob } from './launchd-plist.ts'
import { printed } from './program-collector.ts'

/** What is loaded changes seldom, and each question is a process. */
const ASK_MS = 60_000
const TIMEOUT_MS = 10_000
/** A program that loads jobs without end must not have us ask without end. */
const MAX_ASKED = 64
/** What a person opened: an application, not a job. */
const APPLICATION = /^application\./
/** Sealed by Apple; of these only jobs with a rhythm are told, and those have a file. */
const SEALED = /^\/(?:System\/|Library\/Apple\/|usr\/(?!local\/))/

export interface LoadedJobs {
  /** The jobs of the property lists, each with what launchd says of it, and those that have no list. */
  join(
    scan: LaunchdScan,
    atMs: EpochMs,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Schedule>>
  /** Why launchd could not be asked. */
  complaint(): string | undefined
}

export function loadedJobs(launchctl: string): LoadedJobs {
  let domains: readonly LaunchdDomain[] = []
  let askedMs: EpochMs | undefined
  let problem: string | undefined
  /** Jobs without a property list, by domain and label; `undefined` for what is none of ours. */
  let unwritten = new Map<string, Schedule | undefined>()

  const ask = (target: string, signal: AbortSignal) =>
    printed([launchctl, 'print', target], TIMEOUT_MS, signal)

  async function askDomains(uids: readonly number[], signal: AbortSignal): Promise<void> {
    const system = await ask('system', signal)
    if (system === undefined) return
    const first = parseLaunchctlPrint(system)
    if (!first.ok) throw new AgentError('ERR_LAUNCHCTL', first.reason)
    const found = [first.value]
    // Agents of a login on the screen, and those that run without one.
    for (const name of uids.flatMap((uid) => [`gui/${uid}`, `user/${uid}`])) {
      // A person who is not logged in has no domain, and launchctl says so with an error.
      const text = await ask(name, signal).catch(() => '')
      const domain = parseLaunchctlPrint(text ?? '')
      if (domain.ok) found.push(domain.value)
    }
    domains = found
  }

  async function lookUp(scan: LaunchdScan, signal: AbortSignal): Promise<void> {
    const now = new Map<string, Schedule | undefined>()
    let asked = 0
    for (const { name, loaded } of domains) {
      for (const label of loaded.keys()) {
        if (scan.labels.has(label) || APPLICATION.test(label)) continue
        const target = `${name}/${label}`
        if (unwritten.has(target)) now.set(target, unwritten.get(target))
        else if (asked++ < MAX_ASKED) {
          const text = await ask(target, signal).catch(() => undefined)
          if (text !== undefined) now.set(target, unwrittenJob(text, name))
        }
      }
    }
    unwritten = now
  }

  return {
    async join(scan, atMs, signal) {
      if (askedMs === undefined || Math.abs(atMs - askedMs) >= ASK_MS) {
        askedMs = atMs
        try {
          await askDomains(scan.uids, signal)
          problem = undefined
        } catch (error) {
          // What was loaded a minute ago is the better guess.
          problem = `what is loaded is not known: ${messageOf(error)}`
        }
        if (!signal.aborted) await lookUp(scan, signal)
      }
      const isLoaded = (label: string) => domains.some(({ loaded }) => loaded.has(label))
      const joined = new Map<string, Schedule>()
      for (const [label, schedule] of scan.schedules) {
        const fact = domains.length === 0 ? {} : { isLoaded: isLoaded(label) }
        joined.set(label, { ...schedule, ...fact })
      }
      for (const schedule of unwritten.values()) {
        if (schedule !== undefined && !joined.has(schedule.id)) joined.set(schedule.id, schedule)
      }
      return joined
    },
    complaint: () => problem,
  }
}

function unwrittenJob(text: string, domain: string): Schedule | undefined {
  const service = parseLaunchctlService(text)
  if (!service.ok || SEALED.test(service.value.path)) return undefined
  const { path, job } = service.value
  const file = path.startsWith('/') ? { file: path } : {}
  const schedule = launchdJob(job, file)
  if (!schedule.ok) return undefined
  const uid = /^(?:gui|user)\/(\d+)$/.exec(domain)?.[1]
  const user = uid === undefined ? { name: String(job['UserName'] ?? 'root') } : { id: uid }
  return { ...schedule.value, user, isLoaded: true }
}
