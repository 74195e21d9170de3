/**
 * What a sensor notes in the store for those after it: when the first one began, when the last one was
 * alive, how it was, and what ended it where that was an error.
 */
import { codeOf, messageOf } from '../platform/errors.ts'
import type { EpochMs } from '../platform/event.ts'
import type { Store } from '../storage/store.ts'
import type { AgentStatus, Incident } from './control/status.ts'
import { saveStatus } from './control/stored-status.ts'

/** When the last agent was alive; the span since is blind. */
const ALIVE_NOTE = 'alive-ms'
const FIRST_START_NOTE = 'first-start-ms'
const FAULT_NOTE = 'last-fault'
/** For so long an incident is told, ms: an administrator looks once a day. */
const TOLD_MS = 86_400_000
/** Of an error's text: what is longer is no word for a person. */
const MAX_REASON = 300

type Notes = Pick<Store, 'note' | 'setNote'>

/** Noted at the very first start, and the same ever after. */
export function firstStart(store: Notes, nowMs: EpochMs): EpochMs {
  const known = Number(store.note(FIRST_START_NOTE))
  if (known > 0) return known
  store.setNote(FIRST_START_NOTE, String(nowMs))
  return nowMs
}

/** `undefined` before the first one. */
export const lastAlive = (store: Pick<Store, 'note'>): EpochMs | undefined =>
  Number(store.note(ALIVE_NOTE)) || undefined

/** A full disk must not end the agent; the recorder says what is wrong. */
export function remember(store: Notes, status: AgentStatus, nowMs: EpochMs): void {
  try {
    store.setNote(ALIVE_NOTE, String(nowMs))
    saveStatus(store, status)
  } catch (error) {
    if (codeOf(error) !== 'ERR_STORE_FULL') throw error
  }
}

/**
 * Runs the sensor. An error that ends it, thrown here or anywhere in the process, is noted before the
 * process goes: the service manager starts the next one, and that one tells.
 */
export async function notingFaults<T>(
  store: Pick<Store, 'setNote'>,
  now: () => EpochMs,
  work: () => Promise<T>,
): Promise<T> {
  const note = (error: unknown): void => {
    const what = `ended by an error: ${messageOf(error)}`.slice(0, MAX_REASON)
    try {
      store.setNote(FAULT_NOTE, JSON.stringify({ atMs: now(), what }))
    } catch {
      // The error itself matters more than that it could not be noted.
    }
  }
  process.on('uncaughtExceptionMonitor', note)
  try {
    return await work()
  } catch (error) {
    note(error)
    throw error
  } finally {
    process.off('uncaughtExceptionMonitor', note)
  }
}

/** What befell the agent within the last day, as it is known at `nowMs`. */
export function incidents(store: Pick<Store, 'note'>, nowMs: EpochMs): readonly Incident[] {
  return [FAULT_NOTE, 'set-aside']
    .flatMap((name) => incidentOf(store.note(name)) ?? [])
    .filter(({ atMs }) => nowMs - atMs < TOLD_MS)
}

function incidentOf(json: string | undefined): Incident | undefined {
  return json === undefined ? undefined : (JSON.parse(json) as Incident)
}
