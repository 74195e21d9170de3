/**
 * What a hunt through a large Zeek conn.log costs: seconds, and the most memory the process ever held.
 * The log is made from a seed: beacons, diurnal browsing, name servers, and scans that send nothing,
 * in the order in which Zeek writes (by end of connection), in shares as in a network of some 200 hosts.
 */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type HuntCost, runHunt } from './hunt-run.ts'

const RECORDS = 1_400_000
const DAYS = 14
const HOSTS = 200
/** Each beats every half hour or so, with a few seconds of jitter. */
const BEACONS = 400
const START_S = 1_767_225_600
const FIELDS =
  'ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes resp_bytes conn_state local_orig local_resp missed_bytes history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes tunnel_parents'

export interface ZeekHuntCost extends HuntCost {
  readonly records: number
  readonly fileBytes: number
}

/** Runs one hunt in a process of its own, as a person would. */
export async function benchHunt(records = RECORDS, seed = 1): Promise<ZeekHuntCost> {
  const folder = await mkdtemp(join(tmpdir(), 'tidewatch-bench-'))
  try {
    const path = join(folder, 'conn.log')
    await writeLog(path, records, seed)
    const { size: fileBytes } = await stat(path)
    return { records, fileBytes, ...(await runHunt(path)) }
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function writeLog(path: string, records: number, seed: number): Promise<void> {
  const file = createWriteStream(path)
  file.write(
    `#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n`,
  )
  file.write(`#fields\t${FIELDS.replaceAll(' ', '\t')}\n`)
  const random = generator(seed)
  const stepS = (DAYS * 86_400) / records
  let text = ''
  for (let i = 0; i < records; i++) {
    text += row(START_S + i * stepS, random, i)
    if (text.length < 1 << 20) continue
    if (!file.write(text)) await once(file, 'drain')
    text = ''
  }
  file.end(text)
  await once(file, 'finish')
}

/** One row: a fifth is of 400 beacons in turn, the others 30 % name service, 25 % scans, 45 % browsing. */
function row(atS: number, random: () => number, i: number): string {
  const int = (below: number): number => Math.floor(random() * below)
  const kind = random()
  const host = `10.1.${int(2)}.${1 + int(HOSTS / 2)}`
  const cells = (source: string, destination: string, port: number, rest: string): string =>
    `${(atS - random() * 5).toFixed(6)}\tC${i.toString(36)}x${int(1e9).toString(36)}\t${source}\t${1024 + int(60_000)}\t${destination}\t${port}\t${rest}\n`
  const ours = 'T\tF\t0\tShADadFf'
  if (i % 5 === 0) {
    const beacon = (i / 5) % BEACONS
    const rest = `tcp\tssl\t1.2\t${400 + int(20)}\t900\tSF\t${ours}\t8\t900\t9\t1500\t-`
    return cells(`10.1.0.${1 + (beacon % 100)}`, `203.0.113.${beacon % 250}`, 443, rest)
  }
  if (kind < 0.3) {
    const resolver = `10.1.255.${1 + int(2)}`
    return cells(
      host,
      resolver,
      53,
      `udp\tdns\t0.04\t${30 + int(60)}\t${80 + int(300)}\tSF\tT\tT\t0\tDd\t1\t75\t1\t180\t-`,
    )
  }
  if (kind < 0.55) {
    const scanner = `198.51.${int(100)}.${int(256)}`
    return cells(scanner, host, int(65_536), 'tcp\t-\t-\t-\t-\tS0\tF\tT\t0\tS\t1\t44\t0\t0\t-')
  }
  // Few sites are visited often, many once: a power law.
  const site = Math.floor(40_000 * random() ** 4)
  const rest = `tcp\tssl\t${(random() * 60).toFixed(6)}\t${500 + int(4_000)}\t${int(200_000)}\tSF\t${ours}\t20\t3000\t40\t90000\t-`
  return cells(host, `192.${site >> 8}.${site & 255}.10`, 443, rest)
}

/** xorshift32: a seed gives the same log on every machine. @returns [0, 1) */
function generator(seed: number): () => number {
  let state = seed | 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

if (import.meta.main) {
  const { records, fileBytes, seconds, peakRssBytes } = await benchHunt()
  process.stdout.write(
    `hunt: ${records} records (${(fileBytes / 1e6).toFixed(0)} MB) in ${seconds.toFixed(1)} s, ` +
      `${(peakRssBytes / 2 ** 20).toFixed(0)} MiB at most\n`,
  )
}
