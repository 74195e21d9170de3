/**
 * `npm run fuzz`: hostile inputs for every reader, in a thread that this one watches, so that an input
 * which never ends is named too.
 *
 *   npm run fuzz                              10 million inputs
 *   npm run fuzz -- --seconds 60              as many as a minute takes
 *   npm run fuzz -- --only EVTX --seed 7      one reader, from another seed
 */
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { type FuzzFault, type FuzzTally, fuzz } from './fuzzing.ts'
import { TARGETS } from './targets.ts'

/** The slowest input takes some 100 ms: what takes this long is a hang. */
const HANG_MS = 20_000
/** What is kept for good is bounded well below this, for all readers together. */
const MAX_HEAP_GROWTH_BYTES = 64 * 2 ** 20

interface Work {
  readonly seed: number
  readonly inputs: number
  readonly seconds: number | undefined
  readonly only: string | undefined
  /** Target and number of the input at hand. */
  readonly at: Int32Array
}
type Word =
  | { readonly kind: 'turn'; readonly inputs: number }
  | {
      readonly kind: 'end'
      readonly tallies: readonly FuzzTally[]
      readonly faults: readonly FuzzFault[]
    }

const targetsOf = (only: string | undefined) =>
  TARGETS.filter(
    ({ name }) => only === undefined || name.toLowerCase().includes(only.toLowerCase()),
  )

function work({ seed, inputs, seconds, only, at }: Work): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const say = (word: Word): void => parentPort?.postMessage(word)
  const { tallies, faults } = fuzz({
    ...{ targets: targetsOf(only), seed, inputs, now: () => performance.now() },
    endMs: seconds === undefined ? Number.POSITIVE_INFINITY : performance.now() + seconds * 1_000,
    heapBytes() {
      collect()
      return process.memoryUsage().heapUsed
    },
    onInput(target, number) {
      Atomics.store(at, 0, target)
      Atomics.store(at, 1, number)
    },
    onTurn: (done) => say({ kind: 'turn', inputs: done }),
  })
  say({ kind: 'end', tallies, faults })
}

async function watch(): Promise<void> {
  const { values } = parseArgs({
    options: {
      inputs: { type: 'string' },
      seconds: { type: 'string' },
      seed: { type: 'string' },
      only: { type: 'string' },
    },
  })
  const at = new Int32Array(new SharedArrayBuffer(8))
  const seconds = values.seconds === undefined ? undefined : Number(values.seconds)
  const work: Work = {
    ...{ at, seconds, only: values.only },
    seed: Number(values.seed ?? Math.floor(Math.random() * 2 ** 31)),
    inputs: Number(values.inputs ?? (seconds === undefined ? 10_000_000 : 2 ** 31)),
  }
  const names = targetsOf(work.only).map(({ name }) => name)
  write(`seed ${work.seed}, ${names.length} readers`)
  let printedBytes = 0
  const worker = new Worker(new URL(import.meta.url), { workerData: work, stderr: true })
  // Readers answer; one that prints would let whoever wrote the input fill the agent's log.
  worker.stderr.on('data', (printed: Buffer) => {
    if (printedBytes === 0)
      write(`FAULT printed: ${JSON.stringify(printed.toString().slice(0, 300))}`)
    printedBytes += printed.length
    process.exitCode = 1
  })
  const startMs = performance.now()
  let before = ''
  let sameSinceMs = startMs
  let toldMs = startMs
  const watcher = setInterval(() => {
    const now = `${Atomics.load(at, 0)} ${Atomics.load(at, 1)}`
    if (now !== before) sameSinceMs = performance.now()
    before = now
    if (performance.now() - sameSinceMs < HANG_MS) return
    write(`FAULT ${names[Atomics.load(at, 0)]}: input ${Atomics.load(at, 1)} never ends`)
    process.exit(1)
  }, 1_000)
  worker.on('message', (word: Word) => {
    if (word.kind === 'turn') {
      if (performance.now() - toldMs < 10_000) return
      toldMs = performance.now()
      write(`${word.inputs} inputs in ${Math.round((toldMs - startMs) / 1_000)} s`)
      return
    }
    tell(word, performance.now() - startMs)
  })
  await new Promise((resolve, reject) => {
    worker.on('exit', resolve)
    worker.on('error', reject)
  })
  clearInterval(watcher)
}

function tell({ tallies, faults }: Extract<Word, { kind: 'end' }>, tookMs: number): void {
  for (const { target, seeds, inputs, slowestMs, heapGrowthBytes } of tallies) {
    const growth =
      heapGrowthBytes === undefined ? '' : `, heap ${(heapGrowthBytes / 2 ** 20).toFixed(1)} MiB`
    write(
      `${target}: ${inputs} inputs of ${seeds} seeds, slowest ${slowestMs.toFixed(0)} ms${growth}`,
    )
  }
  for (const { target, number, reason } of faults)
    write(`FAULT ${target}, input ${number}: ${reason}`)
  const grown = tallies.filter(({ heapGrowthBytes = 0 }) => heapGrowthBytes > MAX_HEAP_GROWTH_BYTES)
  for (const { target } of grown) write(`FAULT memory grew while and after ${target} was fuzzed`)
  const total = tallies.reduce((sum, { inputs }) => sum + inputs, 0)
  write(
    `${total} inputs in ${Math.round(tookMs / 1_000)} s, ${faults.length + grown.length} faults`,
  )
  if (faults.length + grown.length > 0) process.exitCode = 1
}

const write = (line: string): void => void process.stdout.write(`${line}\n`)

if (isMainThread) await watch()
else work(workerData as Work)
