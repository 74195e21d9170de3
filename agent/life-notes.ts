/**
 * What a sensor notes in the store for those after it: when the first one began, when the last one was
 * alive, and how it was.
 */
import { codeOf } from '../platform/errors.ts'
import type { EpochMs } from '../platform/event.ts'
import type { Store } from '../storage/store.ts'
import type { AgentStatus } from './control/status.ts'
import { saveStatus } from './control/stored-status.ts'

/** When the last agent was alive; the span since is blind. */
const ALIVE_NOTE = 'alive-ms'
const FIRST_START_NOTE = 'first-start-ms'

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
