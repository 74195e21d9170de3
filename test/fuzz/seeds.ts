/** The inputs that a target's hostile ones are made of: recordings by others, and a few of our own. */
import { readFileSync } from 'node:fs'
import { recording, recordings } from '../support/recordings.ts'
import type { FuzzTarget } from './target.ts'

/** Of a large recording its beginning is enough: what follows is more of the same. */
const MAX_FILE_BYTES = 1 << 17
const MAX_LINE_BYTES = 1 << 14
/** More add little, and cost memory. */
const MAX_SEEDS = 2_000

export function seedsOf({ recordings: wanted, made, unit }: FuzzTarget): readonly Buffer[] {
  const files = recordings('')
    .filter(({ path }) => wanted.test(path))
    .map(({ path }) => readFileSync(recording(path)).subarray(0, MAX_FILE_BYTES))
  const own = made.map((text) => (typeof text === 'string' ? Buffer.from(text) : text))
  if (unit === 'file') return [...own, ...files].slice(0, MAX_SEEDS)
  const lines = files.flatMap((file) => linesOf(file))
  const step = Math.max(1, Math.ceil(lines.length / MAX_SEEDS))
  return [...own, ...lines.filter((_, i) => i % step === 0)]
}

const linesOf = (file: Buffer): Buffer[] =>
  file
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Buffer.from(line.slice(0, MAX_LINE_BYTES), 'latin1'))
