/**
 * The status of an agent that does not run, from what it left in its database. The running agent
 * saves its status now and then (`saveStatus`); the figures of the store itself are read afresh, but
 * for its bound, which only who writes to it knows.
 */
import type { Store } from '../../storage/store.ts'
import { summarizeFinding } from './finding-summary.ts'
import type { AgentStatus, FindingSummary } from './status.ts'

/** The note that holds it, JSON. */
const NOTE = 'last-status'

/** Of findings in a status. */
const FINDINGS = 20
/** Of dead letters in a status: the reason is mostly the same. */
const DEAD_LETTERS = 3

/** What is read of a store; all of it can be read beside a running agent. */
export type StatusStore = Pick<Store, 'stats' | 'findings' | 'series' | 'note' | 'deadLetters'>

/** Saves what the store does not know: the collectors and the outputs. */
export function saveStatus(store: Pick<Store, 'setNote'>, status: AgentStatus): void {
  const { findings: _, store: figures, deadLetters: __, ...saved } = status
  store.setNote(NOTE, JSON.stringify({ ...saved, maxStoreBytes: figures.maxBytes }))
}

/** @param here what this process knows by itself, for where nothing was saved */
export function storedStatus(
  store: StatusStore,
  here: Pick<AgentStatus, 'version' | 'host' | 'dataDir'>,
): AgentStatus {
  const saved = savedStatus(store.note(NOTE))
  const figures = store.stats()
  return {
    version: saved.version ?? here.version,
    isRunning: false,
    ...(saved.startedMs === undefined ? {} : { startedMs: saved.startedMs }),
    host: saved.host ?? here.host,
    dataDir: here.dataDir,
    collectors: saved.collectors ?? [],
    store: { ...figures, maxBytes: saved.maxStoreBytes ?? figures.maxBytes },
    outputs: saved.outputs ?? [],
    ...(saved.fleet === undefined ? {} : { fleet: saved.fleet }),
    deadLetters: newestDeadLetters(store),
    findings: findingSummaries(store, FINDINGS),
  }
}

/** Recurring transfers, highest risk first. */
export const findingSummaries = (
  store: Pick<Store, 'findings' | 'series'>,
  limit: number,
): readonly FindingSummary[] =>
  store.findings(limit).map((finding) => summarizeFinding(finding, store.series(finding.seriesKey)))

/** Without the documents, which `agent alerts` has. */
export const newestDeadLetters = (store: Pick<Store, 'deadLetters'>): AgentStatus['deadLetters'] =>
  store.deadLetters(DEAD_LETTERS).map(({ document: _, ...letter }) => letter)

type SavedStatus = Partial<AgentStatus> & { readonly maxStoreBytes?: number }

function savedStatus(json: string | undefined): SavedStatus {
  try {
    const value: unknown = JSON.parse(json ?? '{}')
    return typeof value === 'object' && value !== null ? (value as SavedStatus) : {}
  } catch {
    return {}
  }
}
