/**
 * A job of launchd that uploads each quarter of an hour, from the child processes up: programs that
 * stand for eslogger, log and lsof print what the system's would, and the correlator makes transfers.
 */
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'plist'
import t, { type Test } from 'tap'
import { createCorrelator } from '../../../agent/correlate/correlator.ts'
import type { Clock, Collector } from '../../../platform/collector.ts'
import type { Event } from '../../../platform/event.ts'
import { macosCollectors } from '../../../platform/macos/index.ts'
import { type LaunchdRun, runLines, runLog } from '../../support/launchd-run.ts'

const skip = process.platform === 'win32' && 'needs a shell'

const START_MS = Date.UTC(2025, 7, 7, 12)
const QUARTER_MS = 15 * 60_000
const RUNS = 3
const SENT_BYTES = 5_000
const LABEL = 'com.example.collect'
const FILE = `/Library/LaunchDaemons/${LABEL}.plist`

/** lsof sees the connections of all runs so far. */
const lsofText = (n: number): string =>
  Array.from({ length: n + 1 }, (_, i) => {
    const process = `p${201 + 2 * i}\nR${200 + 2 * i}\nccurl\nu0\nLroot`
    return `${process}\nf5\ntIPv4\nPTCP\nn10.0.0.5:${50_000 + i}->203.0.113.9:443\nTST=ESTABLISHED\n`
  }).join('')

const runAt = (n: number): LaunchdRun => ({
  ...{ label: LABEL, script: '/opt/collect.sh', startMs: START_MS + n * QUARTER_MS },
  ...{ pid: 200 + 2 * n, socket: n, localPort: 50_000 + n, sentBytes: SENT_BYTES + n },
})

function programs(t: Test) {
  const numbers = Array.from({ length: RUNS }, (_, n) => n)
  const runs = numbers.map(runAt)
  const log = runs.flatMap(runLog)
  const folder = t.testdir({
    eslogger: `#!/bin/sh\ncat "$(dirname "$0")/eslogger.ndjson"\n`,
    'eslogger.ndjson': `${runs.flatMap(runLines).join('\n')}\n`,
    log: `#!/bin/sh\necho 'Filtering the log data using "x"'\ncat "$(dirname "$0")/log.ndjson"\n`,
    'log.ndjson': `${log.join('\n')}\n`,
    lsof: `#!/bin/sh\ncd "$(dirname "$0")"\necho >> looks\ncat "lsof.$(wc -l < looks | tr -d ' ')"\n`,
    ...Object.fromEntries(numbers.map((n) => [`lsof.${n + 1}`, lsofText(n)])),
    root: {
      Library: {
        LaunchDaemons: {
          [`${LABEL}.plist`]: build({
            Label: LABEL,
            ProgramArguments: ['/bin/bash', '/opt/collect.sh'],
            StartInterval: 900,
          }),
        },
      },
    },
  })
  for (const name of ['eslogger', 'log', 'lsof']) chmodSync(join(folder, name), 0o755)
  return { programDir: folder, rootDir: join(folder, 'root') }
}

/** Each collector looks two seconds into each run. */
const clock: Clock = {
  now: () => START_MS,
  async *ticks(everyMs) {
    for (let n = 0; n < RUNS; n++) yield START_MS + 2_000 + n * everyMs
  },
}

/** What a collector tells until its child ends. */
async function eventsOf(t: Test, collector: Collector): Promise<Event[]> {
  const events: Event[] = []
  try {
    const { signal } = new AbortController()
    for await (const batch of collector.batches(signal, { load: () => undefined })) {
      events.push(...batch.events)
    }
  } catch (error) {
    t.match(error, { code: 'ERR_SOURCE_UNAVAILABLE' }, 'a child that ends is a lost source')
  }
  return events
}

t.test(
  'a job’s uploads are transfers with its script, plist, rhythm and user',
  { skip },
  async (t) => {
    const polled = { enabled: true, pollMs: QUARTER_MS }
    const collectors = macosCollectors(
      {
        processes: { enabled: false },
        eslogger: { enabled: true },
        schedules: polled,
        unifiedLog: { enabled: true },
        lsof: polled,
        nettop: { ...polled, enabled: false },
      },
      { clock, ownPid: 1, knownSchedules: [], maxLagMs: () => 30_000 },
      programs(t),
    )
    t.strictSame(
      collectors.map(({ dataset }) => dataset),
      ['macos.eslogger', 'macos.schedules', 'macos.unified_log', 'macos.lsof'],
    )
    const [eslogger, launchd, log, lsof] = collectors as [
      Collector,
      Collector,
      Collector,
      Collector,
    ]
    // The definitions first, as in life: jobs are known before they run.
    const schedules = await eventsOf(t, launchd)
    // lsof has looked before the log tells what is over.
    const others: Event[] = []
    for (const collector of [eslogger, lsof, log]) others.push(...(await eventsOf(t, collector)))
    const events = [...schedules, ...others.sort((a, b) => a.atMs - b.atMs)]
    t.equal(events.filter(({ kind }) => kind === 'schedule-run').length, 2 * RUNS)

    const correlator = createCorrelator({
      ...{ bootId: 'boot', runQuietMs: 2_000, claimMs: 5_000, maxProcesses: 1_000 },
      include: { loopback: false, linkLocal: false, multicast: false, private: true },
    })
    const told = [
      ...correlator.push(events).transfers,
      ...correlator.advance(START_MS + 10 * QUARTER_MS).transfers,
    ]
    const transfers = new Map(told.map(({ transfer }) => [transfer.startMs, transfer]))
    t.equal(transfers.size, RUNS)
    for (const [n, transfer] of [...transfers.values()].entries()) {
      t.match(transfer, {
        actor: '/opt/collect.sh',
        connections: 1,
        sentBytes: SENT_BYTES + n,
        user: { id: '0' },
        destination: { ip: '203.0.113.9', port: 443 },
        schedule: {
          id: LABEL,
          scheduler: 'launchd',
          file: FILE,
          timing: { kind: 'interval', everyMs: 900_000 },
          user: { name: 'root' },
        },
      })
    }
    t.strictSame(
      [...transfers.keys()].sort().map((ms) => Math.round((ms - START_MS) / QUARTER_MS)),
      [0, 1, 2],
    )
  },
)
