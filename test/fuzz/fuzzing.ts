/**
 * The fuzzer: turns about between the targets, an equal share of time each, until a number of inputs
 * or a span of time is over. Each input is made of its own number alone, so that any of them can be
 * made again.
 */
import { random } from '../bench/families/random.ts'
import { mutated } from './mutate.ts'
import { seedsOf } from './seeds.ts'
import type { FuzzTarget } from './target.ts'

/** A target's turn, ms. */
const TURN_MS = 50
/** Faults told of one target; more say nothing new. */
const MAX_FAULTS = 3
/** By then what a reader keeps for good (compiled patterns, time zones) is there. */
const WARM_INPUTS = 5_000

export interface FuzzFault {
  readonly target: string
  readonly number: number
  readonly reason: string
}

export interface FuzzTally {
  readonly target: string
  readonly seeds: number
  readonly inputs: number
  readonly slowestMs: number
  /** Between when it was warm and the end, after a collection each; undefined before it was warm. */
  readonly heapGrowthBytes: number | undefined
}

export interface FuzzOptions {
  readonly targets: readonly FuzzTarget[]
  readonly seed: number
  /** Ends when either is reached. */
  readonly inputs: number
  readonly endMs: number
  readonly now: () => number
  /** Heap in use after a collection, bytes. */
  readonly heapBytes: () => number
  /** Told before each input, so that one that never ends is known. */
  readonly onInput?: (target: number, number: number) => void
  readonly onTurn?: (inputs: number) => void
}

interface Running {
  readonly target: FuzzTarget
  readonly index: number
  readonly seeds: readonly Buffer[]
  inputs: number
  slowestMs: number
  warmBytes?: number
  faults: number
}

export const inputOf = (
  seeds: readonly Buffer[],
  seed: number,
  index: number,
  number: number,
): Buffer => mutated(seeds, random(seed + index * 7_919 + number * 104_729))

export function fuzz(options: FuzzOptions): {
  readonly tallies: readonly FuzzTally[]
  readonly faults: readonly FuzzFault[]
} {
  const { seed, now, heapBytes } = options
  const faults: FuzzFault[] = []
  const all: Running[] = options.targets.map((target, index) => ({
    ...{ target, index, seeds: seedsOf(target), inputs: 0, slowestMs: 0, faults: 0 },
  }))
  let inputs = 0

  function runOne(running: Running): void {
    const { target, index, seeds } = running
    const number = running.inputs++
    inputs++
    options.onInput?.(index, number)
    const input = inputOf(seeds, seed, index, number)
    const startMs = now()
    try {
      target.run(input, random(number))
    } catch (error) {
      running.faults++
      if (running.faults > MAX_FAULTS) return
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
      faults.push({ target: target.name, number, reason })
    }
    running.slowestMs = Math.max(running.slowestMs, now() - startMs)
  }

  const isOver = (): boolean => inputs >= options.inputs || now() >= options.endMs
  while (!isOver()) {
    for (const running of all) {
      const turnEndMs = now() + TURN_MS
      while (!isOver() && now() < turnEndMs) runOne(running)
      if (running.warmBytes === undefined && running.inputs >= WARM_INPUTS) {
        running.warmBytes = heapBytes()
      }
    }
    options.onTurn?.(inputs)
  }
  const endBytes = heapBytes()
  const tallies = all.map(({ target, seeds, inputs, slowestMs, warmBytes }) => ({
    ...{ target: target.name, seeds: seeds.length, inputs, slowestMs },
    heapGrowthBytes: warmBytes === undefined ? undefined : endBytes - warmBytes,
  }))
  return { tallies, faults }
}
