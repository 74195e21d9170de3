/**
 * How fast EVTX is read, beside libevtx's `evtxexport` where that is installed (Debian:
 * libevtx-utils). Both read the same file of one size, made of a recording's chunks again and again;
 * the median of three runs counts.
 *
 *     node test/bench/evtx-read.ts [megabytes]
 */
import { spawnSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { evtxReader } from '../../platform/recordings/evtx-reader.ts'
import { WINDOWS_IDS, windowsEvents } from '../../platform/windows/windows-events.ts'
import { readRecorded } from '../support/read-recorded.ts'
import { recording, withoutRecordings } from '../support/recordings.ts'

const RUNS = 3
const FILE_HEADER_BYTES = 4096
const CHUNK_BYTES = 1 << 16
const NAME = 'AutomatedTestingTools/PanacheSysmon_vs_AtomicRedTeam01.evtx'
const SOURCE = `windows-evtx/sbousseaden-EVTX-ATTACK-SAMPLES/${NAME}`

/** The recording's chunks that hold records, repeated; headers as a closed log has them. */
function makeFile(path: string, bytes: number): void {
  const original = readFileSync(recording(SOURCE))
  const chunks: Buffer[] = []
  for (let at = FILE_HEADER_BYTES; at + CHUNK_BYTES <= original.length; at += CHUNK_BYTES) {
    const chunk = original.subarray(at, at + CHUNK_BYTES)
    if (chunk.toString('latin1', 0, 7) === 'ElfChnk') chunks.push(chunk)
  }
  const count = Math.ceil(bytes / CHUNK_BYTES)
  const header = Buffer.from(original.subarray(0, FILE_HEADER_BYTES))
  header.writeBigUInt64LE(BigInt(count - 1), 16)
  header.writeUInt16LE(count, 42)
  header.writeUInt32LE(0, 120)
  header.writeUInt32LE(crc32(header.subarray(0, 120)), 124)
  const file = openSync(path, 'w')
  writeSync(file, header)
  for (let i = 0; i < count; i++) writeSync(file, chunks[i % chunks.length] as Buffer)
  closeSync(file)
}

interface Run {
  readonly seconds: number
  readonly records: number
  readonly events: number
}

/** To events of ours, as a hunt does. */
async function eventsRun(path: string): Promise<Run> {
  const windows = windowsEvents()
  let events = 0
  const reader = evtxReader((record) => {
    if (typeof windows.read(record) !== 'string') events++
  })
  return timed(path, reader, () => events)
}

/** Every field of every record as text: as much as `evtxexport` does, less its XML. */
async function allRun(path: string): Promise<Run> {
  let characters = 0
  const reader = evtxReader((record) => {
    for (const [name, text] of record.fields()) characters += name.length + text.length
  })
  return timed(path, reader, () => characters)
}

async function timed(
  path: string,
  reader: ReturnType<typeof evtxReader>,
  events: () => number,
): Promise<Run> {
  const start = performance.now()
  await readRecorded(path, (bytes) => void reader.push(bytes))
  reader.end()
  const seconds = (performance.now() - start) / 1000
  return { seconds, records: reader.counts.records, events: events() }
}

function exportRun(path: string): Run | undefined {
  const out = `${path}.out`
  const file = openSync(out, 'w')
  const start = performance.now()
  const run = spawnSync('evtxexport', ['-f', 'xml', path], { stdio: ['ignore', file, 'ignore'] })
  const seconds = (performance.now() - start) / 1000
  closeSync(file)
  const records = readFileSync(out).toString('latin1').split('<EventRecordID>').length - 1
  rmSync(out)
  return run.error === undefined ? { seconds, records, events: 0 } : undefined
}

async function median(title: string, bytes: number, run: () => Promise<Run | undefined>) {
  const runs: Run[] = []
  for (let i = 0; i < RUNS; i++) {
    const one = await run()
    if (one === undefined) return `${title}: not installed`
    runs.push(one)
  }
  runs.sort((a, b) => a.seconds - b.seconds)
  const { seconds, records } = runs[1] as Run
  const [megabytes, rate] = [bytes / 1e6 / seconds, records / seconds]
  return `${title}: ${seconds.toFixed(2)} s, ${megabytes.toFixed(1)} MB/s, ${Math.round(rate)} records/s, ${records} records`
}

async function main(): Promise<void> {
  if (withoutRecordings) {
    process.stdout.write(`${withoutRecordings}\n`)
    return
  }
  const path = join(tmpdir(), `evtx-read-${process.pid}.evtx`)
  try {
    makeFile(path, Number(process.argv[2] ?? 64) * 1e6)
    const { size } = statSync(path)
    const tell = (line: string): boolean => process.stdout.write(`${line}\n`)
    tell(`${(size / 1e6).toFixed(1)} MB, ${WINDOWS_IDS.size} kinds of record read`)
    tell(await median('to events', size, () => eventsRun(path)))
    tell(await median('every field', size, () => allRun(path)))
    // Before evtxexport's output is read, which is much.
    tell(`peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`)
    tell(await median('evtxexport', size, async () => exportRun(path)))
  } finally {
    rmSync(path, { force: true })
  }
}

/** Records a second of each; undefined where there is no recording, or no evtxexport. */
export async function benchEvtx(
  bytes = 32e6,
): Promise<{ oursPerSecond: number; exportPerSecond?: number } | undefined> {
  if (withoutRecordings) return undefined
  const path = join(tmpdir(), `evtx-read-${process.pid}.evtx`)
  try {
    makeFile(path, bytes)
    const perSecond = ({ records, seconds }: Run): number => records / seconds
    const [ours, exported] = [[] as number[], [] as number[]]
    for (let i = 0; i < RUNS; i++) {
      ours.push(perSecond(await eventsRun(path)))
      const run = exportRun(path)
      if (run !== undefined) exported.push(perSecond(run))
    }
    const middle = (all: number[]) => all.sort((a, b) => a - b)[all.length >> 1] ?? 0
    return {
      oursPerSecond: middle(ours),
      ...(exported.length > 0 && { exportPerSecond: middle(exported) }),
    }
  } finally {
    rmSync(path, { force: true })
  }
}

if (import.meta.main) await main()
