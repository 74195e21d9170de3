/**
 * A flood through the whole agent, over the socket that auditd speaks through: far more than its share of
 * the CPU can work on, from few senders and from ever new ones, with a beacon in between. It stays near
 * the present and within its memory, says what it left out, and finds the beacon.
 */
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { askAgent } from '../../agent/control/client.ts'
import type { AgentStatus } from '../../agent/control/status.ts'
import { openStoreReadOnly } from '../../storage/database.ts'
import { AuditFeed, configOfFed } from '../support/audit-feed.ts'
import { head } from '../support/audit-lines.ts'
import { socketFolder } from '../support/socket-folder.ts'
import { until } from '../support/until.ts'

const skip =
  (process.platform !== 'linux' || process.env['TIDEWATCH_LIVE'] !== '1') &&
  'takes some 3 minutes on Linux: set TIDEWATCH_LIVE=1'
const root = join(import.meta.dirname, '..', '..')

const BEAT_MS = 3_000
const FLOOD_MS = 30_000
const EVENTS_A_SECOND = 10_000
const POUR_MS = 50
const MAX_LAG_MS = 10_000
/** The service's own bound of memory, which systemd keeps. */
const MAX_RSS_BYTES = 384 << 20
/** What the installed executable is built with. */
const AS_INSTALLED = ['--max-old-space-size=192', '--max-semi-space-size=1']
const BEACON = '/opt/beacon'
const BEACON_IP = '203.0.113.5'

/** None of the beacon's: one pid is one process, whatever it calls itself. */
const FIRST_PID = 100_000

/** A program that connects: any of few, or one of its own. */
const connection = (program: string, ip: readonly number[]) => (serial: number) => {
  const atMs = Date.now()
  const address = Buffer.from(ip).toString('hex').toUpperCase()
  const who = `ppid=1 pid=${FIRST_PID + (serial % 1_000_000)} auid=0 uid=0 euid=0 comm="x" exe="${program}"`
  return [
    `type=SYSCALL ${head(atMs, serial)} arch=c000003e syscall=42 success=yes exit=0 a0=3 ${who} key="n"`,
    `type=SOCKADDR ${head(atMs, serial)} saddr=020001BB${address}0000000000000000`,
    `type=EOE ${head(atMs, serial)} `,
  ]
}
const few = (serial: number) => connection(`/usr/bin/scan-${serial % 3}`, [198, 51, 100, 9])(serial)
const everNew = (serial: number) =>
  connection(`/tmp/x-${serial}`, [10, (serial >> 16) & 255, (serial >> 8) & 255, serial & 255])(
    serial,
  )

t.setTimeout(400_000)

t.test('it is neither drowned nor blinded', { skip, timeout: 400_000 }, async (t) => {
  const folder = socketFolder(t)
  const place = (name: string): string => join(folder, name)
  writeFileSync(place('audit.log'), '')
  const config = configOfFed(place('audit'), place('audit.log'), [
    `limits: { cpu: 0.1, maxLag: ${MAX_LAG_MS / 1_000}s }`,
    'alert: { minRisk: 0 }',
    `ship: { path: ${place('out.ndjson')}, healthInterval: 10s }`,
  ])
  writeFileSync(place('agent.yml'), config)
  const feed = new AuditFeed(place('audit'), place('audit.log'))
  const run = ['agent/main.ts', 'run', '--config', place('agent.yml'), '--data-dir', place('data')]
  const agent = spawn(process.execPath, [...AS_INSTALLED, ...run], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const beats = setInterval(() => feed.tick(Date.now()), POUR_MS)
  t.teardown(() => {
    clearInterval(beats)
    agent.kill('SIGKILL')
    feed.close()
  })
  const status = (): Promise<AgentStatus | undefined> =>
    askAgent(place('data/control.sock'), { request: 'status' })
  await until('it listens', () => feed.readers > 0, 60_000)
  const [startMs, minute] = [Date.now() + 1_000, 60_000]
  const job = { actor: BEACON, destinationIp: BEACON_IP, periodMs: BEAT_MS, startMs }
  // Known by the second minute in which it was seen.
  const calmMs = startMs + minute - (startMs % minute) + 2 * BEAT_MS
  const endMs = calmMs + 2 * FLOOD_MS + 20_000
  feed.add({ ...job, endMs })
  await until('the beacon is known', () => Date.now() > calmMs, 2 * minute)
  t.equal((await status())?.shed, undefined, 'nothing is left out in calm')

  let [poured, dropped, rssBytes] = [0, 0, 0]
  for (const linesOf of [few, everNew]) {
    const overMs = Date.now() + FLOOD_MS
    while (Date.now() < overMs) {
      const count = (EVENTS_A_SECOND * POUR_MS) / 1_000
      dropped += feed.pour(count, linesOf)
      poured += count
      await new Promise((resolve) => setTimeout(resolve, POUR_MS))
    }
    const now = await status()
    rssBytes = Math.max(rssBytes, now?.process?.rssBytes ?? 0)
    t.ok((now?.shed?.cap ?? 0) > 0, 'it holds senders back')
    t.ok((now?.shed?.events ?? 0) > poured / 2, 'and counts what it left out')
  }
  await until('the beacon ends', () => Date.now() > endMs + 2_000, 60_000)
  const reader = openStoreReadOnly(place('data'))
  t.teardown(() => reader.close())
  const wanted = feed.beats.length
  const isBeacon = (it: string): boolean => {
    const { actor, destinationIp } = reader.series(it)?.identity ?? {}
    return actor === BEACON && destinationIp === BEACON_IP
  }
  const key = reader.seriesKeys().find(isBeacon) ?? ''
  const stored = (): number => reader.totalObservations(key)
  await until('each beat is stored', () => stored() === wanted).catch(() => undefined)
  t.equal(stored(), wanted, 'each beat')
  const isFound = () =>
    reader.findings(1_000).some((it) => it.seriesKey === key && it.verdict === 'recurring')
  await until('the beacon is found', isFound, 60_000)

  const lines = readFileSync(place('out.ndjson'), 'utf8').trim().split('\n')
  const healths = lines.flatMap((line) => JSON.parse(line).tidewatch?.health ?? [])
  const lags = healths.map(({ lag_ms = 0 }) => lag_ms as number)
  t.ok(Math.max(...lags) <= MAX_LAG_MS, `${Math.max(...lags)} ms behind at most`)
  t.ok(
    healths.some(({ shed }) => shed?.events > poured / 2),
    'what was left out is reported',
  )
  t.ok(rssBytes > 0 && rssBytes < MAX_RSS_BYTES, `${rssBytes >> 20} MiB`)
  t.comment(
    `${poured} events poured, ${dropped} dropped before us, ${(await status())?.shed?.events} left out; ` +
      `lag ${Math.max(...lags)} ms, ${rssBytes >> 20} MiB, ${wanted} beats`,
  )
})
