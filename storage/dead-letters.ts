/**
 * Documents that an output refused for good, with its reason, as they were sent: a mapping that does
 * not fit is mended by a person, and what it cost must be there to see. Bounded: the oldest go first.
 */
import type { Database, Statement } from 'better-sqlite3'
import type { DeadLetter } from './alert.ts'

interface DeadLetterRow {
  readonly output: string
  readonly id: string
  readonly revision: number
  readonly at_ms: number
  readonly reason: string
  readonly document: string
}

export class DeadLetters {
  readonly #maxLetters: number
  readonly #put: Statement<[DeadLetterRow]>
  readonly #newest: Statement<[number], DeadLetterRow>
  readonly #count: Statement<[], number>
  readonly #evict: Statement<[number]>

  constructor(db: Database, maxLetters: number) {
    this.#maxLetters = maxLetters
    // Replacing gives it a new place at the end of the sequence.
    this.#put = db.prepare(
      `INSERT OR REPLACE INTO dead_letter (output, id, revision, at_ms, reason, document)
       VALUES (@output, @id, @revision, @at_ms, @reason, @document)`,
    )
    this.#newest = db.prepare(
      `SELECT output, id, revision, at_ms, reason, document FROM dead_letter
       ORDER BY sequence DESC LIMIT ?`,
    )
    this.#count = db.prepare<[], number>('SELECT count(*) FROM dead_letter').pluck()
    this.#evict = db.prepare(
      `DELETE FROM dead_letter WHERE sequence IN
         (SELECT sequence FROM dead_letter ORDER BY sequence LIMIT ?)`,
    )
  }

  /** Within a transaction. The same revision of a document has one letter an output. */
  put({ output, id, revision, atMs, reason, document }: DeadLetter): void {
    this.#put.run({ output, id, revision, at_ms: Math.round(atMs), reason, document })
    const surplus = this.count() - this.#maxLetters
    if (surplus > 0) this.#evict.run(surplus)
  }

  newest(limit: number): readonly DeadLetter[] {
    return this.#newest.all(limit).map(({ at_ms: atMs, ...letter }) => ({ ...letter, atMs }))
  }

  count(): number {
    return this.#count.get() ?? 0
  }
}
