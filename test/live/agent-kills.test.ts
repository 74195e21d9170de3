/**
 * The whole agent is killed with SIGKILL, hundreds of times, at random instants from its start on, while
 * jobs come and go in front of it and its endpoint fails in every way it knows. What may be lost is
 * nothing: each beat is stored once, each job is alerted under one id, and each alert arrives.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { openStoreReadOnly } from '../../storage/database.ts'
import { databasePath } from '../../storage/folder.ts'
import type { StoreReader } from '../../storage/store.ts'
import { AuditFeed, configOfFed, type FedBeat } from '../support/audit-feed.ts'
import { type Fault, startReceiver } from '../support/receiver.ts'
import { socketFolder } from '../support/socket-folder.ts'
import { until } from '../support/until.ts'

const KILLS = Number(process.env['TIDEWATCH_AGENT_KILLS'] ?? 300)
/** A killed agent has lived no longer than this, ms: some die while they start, some while they work. */
const LONGEST_LIFE_MS = 2_500
/** A job sends this long, ms, and then another one takes its place. */
const JOB_MS = 40_000
const JOBS_AT_ONCE = 20
/** A job that sent so often must have been alerted. */
const ALERTED_BEATS = 10
const FAULTS: readonly Fault[] = [
  ...(['none', 'reset', 'reset-after', 'cut', 'slow', 'garbage', '429', '503', '413'] as const),
  ...(['401', '404', 'items-429', 'items-503'] as const),
]
const root = join(import.meta.dirname, '..', '..')
const skip =
  process.platform !== 'linux' || process.env['TIDEWATCH_LIVE'] !== '1'
    ? `takes some ${Math.ceil((KILLS * LONGEST_LIFE_MS) / 2 / 60_000)} minutes on Linux: set TIDEWATCH_LIVE=1`
    : false

t.setTimeout(KILLS * LONGEST_LIFE_MS * 2 + 300_000)

t.test(`nothing is lost in ${KILLS} kills`, { skip, timeout: 0 }, async (t) => {
  const folder = socketFolder(t)
  const paths = {
    socket: join(folder, 'audit'),
    auditLog: join(folder, 'audit.log'),
    config: join(folder, 'agent.yml'),
    data: join(folder, 'data'),
    log: join(folder, 'agent.log'),
  }
  writeFileSync(paths.auditLog, '')
  const receiver = await startReceiver('bulk')
  const more = [
    'alert: { minRisk: 0, maxPerHour: 1000, updateInterval: 1m }',
    `ship: { url: ${receiver.url}, timeout: 1s, maxBackoff: 1s }`,
  ]
  writeFileSync(paths.config, configOfFed(paths.socket, paths.auditLog, more))
  const feed = new AuditFeed(paths.socket, paths.auditLog)
  let made = 0
  const employ = (nowMs: number): void => {
    while (feed.jobs.filter(({ endMs }) => endMs > nowMs).length < JOBS_AT_ONCE) {
      const n = made++
      // Spread, so that not all jobs end at once.
      const lifeMs = n < JOBS_AT_ONCE ? (JOB_MS * (n + 1)) / JOBS_AT_ONCE : JOB_MS
      feed.add({
        actor: `/opt/job-${n}`,
        destinationIp: `198.51.100.${1 + (n % 254)}`,
        periodMs: 1_500 + (n % 10) * 100,
        startMs: nowMs + 10 * (n % JOBS_AT_ONCE),
        endMs: nowMs + lifeMs,
      })
    }
  }
  let isFaulty = false
  let faults = 0
  const world = setInterval(() => {
    const nowMs = Date.now()
    if (isFaulty) employ(nowMs)
    feed.tick(nowMs)
    if (isFaulty && receiver.faults.length < 3) {
      receiver.faults.push(FAULTS[Math.floor(Math.random() * FAULTS.length)] ?? 'none')
      faults++
    }
  }, 50)
  let agent: ChildProcess | undefined
  t.teardown(async () => {
    clearInterval(world)
    agent?.kill('SIGKILL')
    feed.close()
    await receiver.close()
  })

  const args = ['agent/main.ts', 'run', '--config', paths.config, '--data-dir', paths.data]
  const start = (): ChildProcess => {
    const log = openSync(paths.log, 'a')
    return spawn(process.execPath, args, { cwd: root, stdio: ['ignore', log, log] })
  }
  agent = start()
  // What came before an agent's very first start is none of its business: the bookmark begins there.
  await until('it has begun', async () => {
    const reader = await opened(paths.data)
    const place = reader.bookmark('linux.audit')
    reader.close()
    return place !== undefined
  })
  agent.kill('SIGKILL')
  await once(agent, 'exit')
  isFaulty = true

  let isDown = false
  for (let kill = 1; kill <= KILLS; kill++) {
    // Now and then the endpoint is away altogether, through a few kills.
    if (Math.random() < 0.1) {
      await (isDown ? receiver.up() : receiver.down())
      isDown = !isDown
    }
    agent = start()
    const [afterMs, gone] = [Math.random() * LONGEST_LIFE_MS, once(agent, 'exit')]
    await new Promise((resolve) => setTimeout(resolve, afterMs))
    if (agent.exitCode !== null) t.fail(`kill ${kill}: it ended by itself, ${lastLines(paths.log)}`)
    agent.kill('SIGKILL')
    await gone
    const wrong = disagreements(paths.data, feed.beats)
    if (wrong.length > 0)
      t.fail(`kill ${kill}, after ${Math.round(afterMs)} ms: ${wrong.join('; ')}`)
    if (kill % 25 === 0) t.comment(`${kill} kills, ${feed.beats.length} beats, ${faults} faults`)
  }

  t.comment('the endpoint is well again, the jobs end, and the agent is left alone')
  isFaulty = false
  receiver.faults.length = 0
  if (isDown) await receiver.up()
  agent = start()
  const lastMs = Math.max(...feed.jobs.map(({ endMs }) => endMs))
  await until('the jobs are over', () => Date.now() > lastMs + 1_000, JOB_MS * 2)
  const reader = await opened(paths.data)
  try {
    const stored = () => totals(reader)
    const wanted = Map.groupBy(feed.beats, ({ actor }) => String(actor))
    const isStored = () =>
      [...wanted].every(([actor, { length }]) => stored().get(actor) === length)
    await until('all beats are stored', isStored, 60_000).catch(() => undefined)
    const isSent = () => reader.stats().alerts.waiting === 0
    await until('all alerts are sent', isSent, 120_000).catch(() => undefined)
    t.equal(reader.stats().alerts.waiting, 0, 'no alert waits')

    for (const [actor, { length }] of wanted) {
      const total = stored().get(actor)
      if (total !== length) t.fail(`${actor}: ${total} of ${length} beats are stored`)
    }
    const told = alertsOf(receiver.requests.flatMap(({ lines }) => lines))
    const taken = new Set([...receiver.documents.keys()].map((id) => id.replace(/\.\d+$/, '')))
    const many = [...wanted].filter(([, { length }]) => length >= ALERTED_BEATS)
    for (const [actor] of many) {
      const ids = told.get(actor) ?? new Set()
      if (ids.size !== 1) t.fail(`${actor} has ${ids.size} alerts: ${[...ids].join(', ')}`)
      for (const id of ids) if (!taken.has(id)) t.fail(`${actor}: alert ${id} did not arrive`)
    }
    const twice = [...receiver.documents].filter(([, times]) => times !== 1)
    t.strictSame(twice, [], 'each document is there once by its _id')
    const alerts = reader.alerts(100_000).filter(({ revision }) => revision > 0)
    const missing = alerts.filter(({ id }) => !taken.has(id))
    t.strictSame(missing, [], 'each stored alert arrived')
    t.ok(many.length >= Math.min(KILLS / 4, 20), `${many.length} jobs had to be alerted`)
    t.comment(
      `${KILLS} kills, ${faults} faults: ${feed.beats.length} beats of ${wanted.size} jobs stored, ` +
        `${taken.size} alerts arrived in ${receiver.requests.length} requests`,
    )
  } finally {
    reader.close()
  }
})

/** What does not agree in the database of an agent that was just killed. */
function disagreements(dataDir: string, beats: readonly FedBeat[]): string[] {
  const db = new Database(databasePath(dataDir), { readonly: true })
  const integrity = db.pragma('integrity_check', { simple: true })
  db.close()
  const reader = openStoreReadOnly(dataDir)
  try {
    const wrong = integrity === 'ok' ? [] : [`integrity: ${integrity}`]
    if (reader.note('set-aside') !== undefined) wrong.push('a database was set aside')
    const [ms = 0, serial = 0] = (reader.bookmark('linux.audit') ?? '').split(':').map(Number)
    const stored = totals(reader)
    const behind = beats.filter((beat) => beat.serial <= serial && beat.atMs <= ms)
    for (const [actor, { length }] of Map.groupBy(behind, ({ actor }) => String(actor))) {
      const total = stored.get(actor) ?? 0
      if (total < length) wrong.push(`${actor}: bookmark behind ${length} beats, ${total} stored`)
    }
    return wrong
  } finally {
    reader.close()
  }
}

/** Beats ever stored of each job. */
function totals(reader: StoreReader): ReadonlyMap<string, number> {
  const all = reader.seriesKeys().flatMap((key) => reader.series(key) ?? [])
  return new Map(all.map(({ identity, totalObservations: n }) => [identity.actor ?? '', n]))
}

/** The ids of the alerts of each job, of all that was ever sent. */
function alertsOf(lines: readonly string[]): Map<string, Set<string>> {
  const ids = new Map<string, Set<string>>()
  for (const line of lines) {
    const [, actor] = /"(\/opt\/job-\d+)"/.exec(line) ?? []
    if (actor === undefined) continue
    const { event } = JSON.parse(line) as { readonly event: { readonly id: string } }
    ids.set(actor, (ids.get(actor) ?? new Set()).add(event.id))
  }
  return ids
}

async function opened(dataDir: string): Promise<StoreReader> {
  let reader: StoreReader | undefined
  await until('the database can be read', () => {
    try {
      reader = openStoreReadOnly(dataDir)
    } catch {}
    return reader !== undefined
  })
  return reader as StoreReader
}

const lastLines = (path: string): string =>
  readFileSync(path, 'utf8').trimEnd().split('\n').slice(-3).join(' | ')
