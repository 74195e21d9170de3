/**
 * Audit records a second, from the bytes of a log to events, on one core; and beside it, in the same
 * run, `ausearch --format csv` and `aureport` (its summary: parse only) of the same file. The log is made up from a seed: half of its events are
 * programs that start, half are connections, one in eight comes interleaved with the next.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { zeroCounters } from '../../platform/collector.ts'
import { auditStream } from '../../platform/linux/audit-stream.ts'
import { lineSplitter } from '../../platform/shared/lines.ts'

export interface AuditBench {
  readonly name: string
  readonly records: number
  readonly events: number
  /** Median of the runs. */
  readonly recordsPerSecond: number
  readonly eventsPerSecond: number
  /** `undefined` where ausearch is not installed. */
  readonly ausearchRecordsPerSecond?: number
  /** `undefined` where aureport is not installed. */
  readonly aureportRecordsPerSecond?: number
}

const SEED = 20_261_124
const RECORDS = 400_000
const RUNS = 3
const START_MS = 1_790_000_000_000

export async function benchAudit(records: number = RECORDS): Promise<AuditBench> {
  const folder = await mkdtemp(join(tmpdir(), 'tidewatch-bench-'))
  try {
    const path = join(folder, 'audit.log')
    const written = await writeLog(path, records)
    const ours: number[] = []
    const searched: (number | undefined)[] = []
    const reported: (number | undefined)[] = []
    let events = 0
    for (let run = 0; run < RUNS; run++) {
      const startMs = performance.now()
      events = await readLog(path, written)
      ours.push(performance.now() - startMs)
      searched.push(await programMs('ausearch', ['--format', 'csv', '-if', path]))
      // Once: it takes ten times as long.
      if (run === 0) reported.push(await programMs('aureport', ['-if', path]))
    }
    const ms = median(ours)
    const ausearchRecordsPerSecond = ofRuns(written, searched)
    const aureportRecordsPerSecond = ofRuns(written, reported)
    return {
      name: 'audit records parsed to events',
      records: written,
      events,
      recordsPerSecond: perSecond(written, ms),
      eventsPerSecond: perSecond(events, ms),
      ...(ausearchRecordsPerSecond !== undefined && { ausearchRecordsPerSecond }),
      ...(aureportRecordsPerSecond !== undefined && { aureportRecordsPerSecond }),
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** @returns events; throws where a record was not read, since a wrong figure is worse than none */
async function readLog(path: string, records: number): Promise<number> {
  const counters = zeroCounters()
  const stream = auditStream({ counters })
  const splitter = lineSplitter()
  let events = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    events += stream.push(splitter.push(chunk as Buffer)).length
  }
  events += stream.end().length
  const { received, malformed, lost, missed } = counters
  if (received !== records || malformed + lost + missed > 0) {
    throw new Error(`read ${received} of ${records}: ${malformed} malformed, ${lost} lost`)
  }
  return events
}

/** @returns `undefined` where the program is not installed */
function ofRuns(records: number, times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined)
  return known.length === 0 ? undefined : perSecond(records, median(known))
}

/** Time that a program takes; `undefined` where there is none. */
function programMs(program: string, args: readonly string[]): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const startMs = performance.now()
    const child = spawn(program, args, { stdio: 'ignore' })
    child.once('error', () => resolve(undefined))
    child.once('exit', (code) => {
      if (code === 0) resolve(performance.now() - startMs)
      else reject(new Error(`${program} ended with ${code}`))
    })
  })
}

/**
 * @param connections share of the events that are connections; the others are programs that start
 * @returns records written: whole events, at least `records`
 */
export async function writeLog(path: string, records: number, connections = 0.5): Promise<number> {
  const random = generator(SEED)
  const file = createWriteStream(path)
  let written = 0
  let kept: string[] = []
  let text = ''
  for (let serial = 1; written < records; serial++) {
    const lines = random() < connections ? connectEvent(serial, random) : execEvent(serial, random)
    written += lines.length
    if (kept.length === 0 && random() < 0.125 && written < records) {
      kept = lines
      continue
    }
    const mixed = kept.length === 0 ? lines : zipped(kept, lines)
    kept = []
    text += `${mixed.join('\n')}\n`
    if (text.length < 1 << 20) continue
    // A log of 1 GB is not to wait in memory.
    if (!file.write(text)) await once(file, 'drain')
    text = ''
  }
  file.end(kept.length === 0 ? text : `${text}${kept.join('\n')}\n`)
  await finished(file)
  return written
}

const zipped = (a: readonly string[], b: readonly string[]): string[] =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, i) => [a[i], b[i]])
    .flat()
    .filter((line) => line !== undefined)

export type Random = () => number
const pick = (random: Random, below: number): number => Math.floor(random() * below)

const PROGRAMS = ['/usr/bin/curl', '/usr/bin/python3.11', '/usr/bin/dash', '/usr/sbin/sshd']

/** Where no time is told: 1,000 events a second. (A denser log is unfair to ausearch, which then slows down much.) */
function head(serial: number, atMs: number): string {
  return `msg=audit(${Math.floor(atMs / 1000)}.${String(atMs % 1000).padStart(3, '0')}:${serial}):`
}

function syscall(at: string, random: Random, call: string): string {
  const exe = PROGRAMS[pick(random, PROGRAMS.length)] ?? ''
  const uid = 1000 + pick(random, 5)
  return (
    `type=SYSCALL ${at} arch=c000003e ${call} a3=8 items=2 ppid=${2 + pick(random, 400)} ` +
    `pid=${500 + pick(random, 2_000)} auid=${uid} uid=${uid} gid=${uid} euid=0 suid=0 fsuid=0 egid=0 ` +
    `sgid=0 fsgid=0 tty=(none) ses=${pick(random, 99)} comm="${exe.split('/').at(-1)}" exe="${exe}" ` +
    `key="tidewatch"\x1dARCH=x86_64 SYSCALL=execve AUID="user${uid}" UID="user${uid}" ` +
    `GID="user${uid}" EUID="root" SUID="root" FSUID="root" EGID="root" SGID="root" FSGID="root"`
  )
}

export function execEvent(serial: number, random: Random, atMs = START_MS + serial): string[] {
  const at = head(serial, atMs)
  const url = `https://host${pick(random, 500)}.example/upload`
  // One argument in ten holds a blank and so is hex.
  const body = random() < 0.1 ? hex(`name=a file ${pick(random, 1_000)}`) : '"@data.tar.gz"'
  const path = (item: number, name: string): string =>
    `type=PATH ${at} item=${item} name="${name}" inode=${pick(random, 1e6)} dev=fe:00 ` +
    'mode=0100755 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 ' +
    'cap_frootid=0\x1dOUID="root" OGID="root"'
  return [
    syscall(at, random, 'syscall=59 success=yes exit=0 a0=55e0 a1=55e8 a2=55f0'),
    `type=EXECVE ${at} argc=5 a0="curl" a1="-s" a2="-d" a3=${body} a4="${url}"`,
    `type=CWD ${at} cwd="/var/lib/job${pick(random, 50)}"`,
    path(0, '/usr/bin/curl'),
    path(1, '/lib64/ld-linux-x86-64.so.2'),
    `type=PROCTITLE ${at} proctitle=${hex(`curl\0-s\0-d\0@data.tar.gz\0${url}`)}`,
  ]
}

export function connectEvent(serial: number, random: Random, atMs = START_MS + serial): string[] {
  const at = head(serial, atMs)
  const [c, d] = [pick(random, 8), pick(random, 32)]
  const saddr = `020001BBC612${byte(c)}${byte(d)}0000000000000000`
  const names = `SADDR={ saddr_fam=inet laddr=198.18.${c}.${d} lport=443 }`
  return [
    syscall(at, random, 'syscall=42 success=no exit=-115 a0=5 a1=7ffd a2=10'),
    `type=SOCKADDR ${at} saddr=${saddr}\x1d${names}`,
    `type=PROCTITLE ${at} proctitle=${hex('curl\0-s\0https://host.example/')}`,
  ]
}

const hex = (text: string): string => Buffer.from(text).toString('hex').toUpperCase()
const byte = (value: number): string => value.toString(16).padStart(2, '0').toUpperCase()

/** mulberry32: the same numbers for the same seed, on every machine. */
export function generator(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export const median = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0
const perSecond = (count: number, ms: number): number => Math.round((count / ms) * 1_000)
