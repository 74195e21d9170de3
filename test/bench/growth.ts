/**
 * How the cost grows with the work: the same at 1, 10 and 100 times as much, and the exponent of the
 * last tenfold: 1 is as much more time as work, 0 the same time, 2 a hundred times the time.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assess } from '../../agent/detect/assess.ts'
import { generator, writeLog } from './audit-parse.ts'
import { auditThrough } from './audit-through.ts'
import { transfersSeconds } from './store-insert.ts'

/** What some work took. */
export interface Step {
  readonly work: number
  readonly seconds: number
}

/** log10 of the time's ratio over the last tenfold of the work. */
export function exponentOf(steps: readonly Step[]): number {
  const [before, last] = steps.slice(-2)
  return Math.log10((last?.seconds ?? Number.NaN) / (before?.seconds ?? Number.NaN))
}

/** Audit records, a tenth of their events connections, through to SQLite. */
export async function throughSteps(): Promise<Step[]> {
  const steps: Step[] = []
  for (const work of [20_000, 200_000, 2_000_000]) {
    const folder = mkdtempSync(join(tmpdir(), 'tidewatch-bench-'))
    try {
      const log = join(folder, 'audit.log')
      await writeLog(log, work, 0.1)
      const { events, eventsPerSecond } = await auditThrough(log, join(folder, 'data'))
      steps.push({ work, seconds: events / eventsPerSecond })
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
  return steps
}

/** Transfers stored, of 2,000 series. */
export const storeSteps = (): Step[] =>
  [3_000, 30_000, 300_000].map((work) => ({ work, seconds: transfersSeconds(work) }))

/** One series assessed, by its length. */
export const assessSteps = (): Step[] =>
  [10, 100, 1_000].map((work) => ({ work, seconds: assessSeconds(work) }))

const SERIES = 40
const PERIOD_MS = 15 * 60_000
const START_MS = 1_790_000_000_000

/** Median of series of one length, half of them regular with 10 % jitter, half random. */
function assessSeconds(length: number): number {
  const random = generator(5)
  const taken: number[] = []
  for (let i = 0; i < SERIES; i++) {
    let atMs = START_MS
    const observations = Array.from({ length }, () => {
      const step = i % 2 === 0 ? 0.9 + 0.2 * random() : -Math.log(1 - random())
      atMs += Math.max(1, Math.round(PERIOD_MS * step))
      return { atMs, sentBytes: 10_000, connections: 1 }
    })
    const startMs = performance.now()
    assess({ observations, gaps: [], jobs: [], timeZone: 'UTC', nowMs: atMs + 1_000 })
    taken.push((performance.now() - startMs) / 1_000)
  }
  return taken.sort((a, b) => a - b)[SERIES / 2] as number
}
