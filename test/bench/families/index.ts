/** All families, and series drawn from them by seed. */
import type { Family, Sample } from './family.ts'
import { hostOf } from './family.ts'
import { IRREGULAR } from './irregular.ts'
import { MIXED } from './mixed.ts'
import { random } from './random.ts'
import { SCHEDULED } from './scheduled.ts'
import { SLEEPING } from './sleeping.ts'

export const FAMILIES: readonly Family[] = [...SLEEPING, ...SCHEDULED, ...MIXED, ...IRREGULAR]

/** Series `index` of a family under a seed: even ones of 14 days, odd ones of 30. */
export function draw(family: Family, seed: number, index: number): Sample {
  let hash = seed
  for (const letter of family.name) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0
  const chance = random(hash * 1000 + index)
  return family.make(chance, hostOf(chance, index % 2 === 0 ? 14 : 30))
}
