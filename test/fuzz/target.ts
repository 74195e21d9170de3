/**
 * What is fuzzed: a reader of bytes from outside, with what seeds it and what must hold of it for every
 * input. Reading hostile bytes must never throw; what else must hold (books that agree, the same
 * result wherever the bytes are split) the target itself asserts.
 */
import type { Random } from '../bench/families/random.ts'

export interface FuzzTarget {
  readonly name: string
  /** Paths below ../shared/recordings whose files seed it. */
  readonly recordings: RegExp
  /** Inputs of our own, so that it runs without the recordings too. */
  readonly made: readonly (string | Buffer)[]
  /** Seeds are whole files, or cut into their lines. */
  readonly unit: 'file' | 'line'
  /** @throws when something that must hold does not */
  run(input: Buffer, random: Random): void
}

/** What must hold, held. */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what)
}

/** The input in pieces of random sizes, as a pipe or a socket may hand it over. */
export function* pieces(input: Buffer, random: Random): Generator<Buffer> {
  for (let at = 0; at < input.length; ) {
    const size = Math.ceil(random.logBetween(1, input.length - at))
    yield input.subarray(at, at + size)
    at += size
  }
}
