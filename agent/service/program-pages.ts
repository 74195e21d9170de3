/**
 * Gives back the memory of the program's own file that starting touched and running does not: half of
 * Node is read once. The kernel keeps such pages until memory is short, in pieces of 2 MB where the file
 * lies in memory so, and counts them as the agent's. What is needed again comes from the page cache, by
 * a fault of some microseconds. Linux alone: elsewhere nothing is done.
 * @see madvise(2), proc_pid_smaps(5)
 */
import { readFileSync } from 'node:fs'

const MADV_DONTNEED = 4
/** What comes back comes in small pieces. */
const MADV_NOHUGEPAGE = 15
const EVERY_MS = 60_000

/** Addresses, the end exclusive. */
export interface PageRange {
  readonly start: bigint
  readonly end: bigint
}

/** `madvise(2)`: its result is of no interest, as this is advice. */
export type Advise = (start: bigint, lengthBytes: bigint, advice: number) => void

/**
 * The mappings of a file that differ in nothing from it, so that what is dropped comes back the same.
 * Not every one that is read-only now: the linker wrote its relocations into one before it closed it.
 * @param smaps as in /proc/self/smaps
 */
export function cleanMappings(smaps: string, file: string): readonly PageRange[] {
  const ranges: PageRange[] = []
  for (const mapping of smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)) {
    const [, start, end, path] =
      /^([0-9a-f]+)-([0-9a-f]+) r-[-x]p [0-9a-f]+ \S+ \d+ +(.+)$/m.exec(mapping) ?? []
    const isClean = /^Anonymous: +0 kB$/m.test(mapping) && /^Swap: +0 kB$/m.test(mapping)
    if (path === file && isClean)
      ranges.push({ start: BigInt(`0x${start}`), end: BigInt(`0x${end}`) })
  }
  return ranges
}

export interface ProgramPagesOptions {
  readonly advise: Advise
  readonly signal: AbortSignal
  readonly ticks: (everyMs: number, signal: AbortSignal) => AsyncIterable<unknown>
}

/** Called when all is started. @returns when the signal aborts */
export async function giveBackProgramPages(options: ProgramPagesOptions): Promise<void> {
  for await (const _ of options.ticks(EVERY_MS, options.signal)) {
    for (const { start, end } of cleanMappings(
      readFileSync('/proc/self/smaps', 'utf8'),
      process.execPath,
    )) {
      options.advise(start, end - start, MADV_NOHUGEPAGE)
      options.advise(start, end - start, MADV_DONTNEED)
    }
  }
}

/** libc's own call. */
export async function libcAdvise(): Promise<Advise> {
  const { default: koffi } = await import('koffi')
  const madvise = koffi
    .load('libc.so.6')
    .func('int madvise(uint64_t start, uint64_t lengthBytes, int advice)')
  return (start, lengthBytes, advice) => void madvise(start, lengthBytes, advice)
}
