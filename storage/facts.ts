/**
 * The small tables: the detector's findings, the job definitions, the bookmarks of the sources, and
 * notes. Findings go with their series, jobs are bounded, the other two are named by the program.
 */
import type { Database, Statement } from 'better-sqlite3'
import type { Schedule } from '../platform/event.ts'
import type { Finding } from './alert.ts'

/** A host with more jobs than this has a generator of jobs, not jobs. The longest unchanged go first. */
const MAX_SCHEDULES = 10_000

export interface FindingCounts {
  readonly recurring: number
  readonly known: number
  readonly allowed: number
}

export class Facts {
  readonly #putFinding: Statement<[Finding]>
  readonly #finding: Statement<[string], Finding>
  readonly #findings: Statement<[number], Finding>
  readonly #findingCounts: Statement<[], FindingCounts>
  readonly #putSchedule: Statement<[string, string]>
  readonly #forgetSchedule: Statement<[string]>
  readonly #evictSchedules: Statement<[number]>
  readonly #schedules: Statement<[], string>
  readonly #putBookmark: Statement<[string, string]>
  readonly #bookmark: Statement<[string], string>
  readonly #putNote: Statement<[string, string]>
  readonly #note: Statement<[string], string>

  constructor(db: Database) {
    const columns =
      'series_key AS seriesKey, assessed_ms AS assessedMs, verdict, score, risk, disposition, detail'
    this.#putFinding = db.prepare(
      `INSERT OR REPLACE INTO finding
       VALUES (@seriesKey, @assessedMs, @verdict, @score, @risk, @disposition, @detail)`,
    )
    this.#finding = db.prepare(`SELECT ${columns} FROM finding WHERE series_key = ?`)
    this.#findings = db.prepare(
      `SELECT ${columns} FROM finding WHERE verdict = 'recurring'
       ORDER BY risk DESC, series_key LIMIT ?`,
    )
    this.#findingCounts = db.prepare(
      `SELECT count(*) AS recurring, count(*) FILTER (WHERE disposition = 'known') AS known,
              count(*) FILTER (WHERE disposition = 'allowed') AS allowed
       FROM finding WHERE verdict = 'recurring'`,
    )
    this.#putSchedule = db.prepare('INSERT OR REPLACE INTO schedule (id, definition) VALUES (?, ?)')
    this.#forgetSchedule = db.prepare('DELETE FROM schedule WHERE id = ?')
    this.#evictSchedules = db.prepare(
      `DELETE FROM schedule WHERE sequence IN (SELECT sequence FROM schedule ORDER BY sequence
         LIMIT (SELECT max(0, count(*) - ?) FROM schedule))`,
    )
    this.#schedules = db.prepare<[], string>('SELECT definition FROM schedule ORDER BY id').pluck()
    this.#putBookmark = db.prepare('INSERT OR REPLACE INTO bookmark VALUES (?, ?)')
    this.#bookmark = db
      .prepare<[string], string>('SELECT position FROM bookmark WHERE dataset = ?')
      .pluck()
    this.#putNote = db.prepare('INSERT OR REPLACE INTO note VALUES (?, ?)')
    this.#note = db.prepare<[string], string>('SELECT value FROM note WHERE name = ?').pluck()
  }

  putFinding(finding: Finding): void {
    this.#putFinding.run({ ...finding, assessedMs: Math.round(finding.assessedMs) })
  }

  finding(seriesKey: string): Finding | undefined {
    return this.#finding.get(seriesKey)
  }

  findings(limit: number): readonly Finding[] {
    return this.#findings.all(limit)
  }

  findingCounts(): FindingCounts {
    return this.#findingCounts.get() ?? { recurring: 0, known: 0, allowed: 0 }
  }

  putSchedules(schedules: readonly Schedule[], forgotten: readonly string[]): void {
    for (const schedule of schedules) this.#putSchedule.run(schedule.id, JSON.stringify(schedule))
    for (const id of forgotten) this.#forgetSchedule.run(id)
    if (schedules.length > 0) this.#evictSchedules.run(MAX_SCHEDULES)
  }

  schedules(): readonly Schedule[] {
    // What putSchedules wrote.
    return this.#schedules.all().map((text) => JSON.parse(text) as Schedule)
  }

  putBookmark(dataset: string, position: string): void {
    this.#putBookmark.run(dataset, position)
  }

  bookmark(dataset: string): string | undefined {
    return this.#bookmark.get(dataset)
  }

  putNote(name: string, value: string): void {
    this.#putNote.run(name, value)
  }

  note(name: string): string | undefined {
    return this.#note.get(name)
  }
}
