import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type CollectOptions, hostSenses } from '../../platform/host.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { fakeEventLog } from '../support/fake-event-log.ts'

const off = { enabled: false }
const polled = { enabled: false, pollMs: 1_000 }
const none: CollectOptions = {
  linux: {
    audit: { enabled: false, socketPaths: [], logPath: '' },
    cron: { enabled: false, logPaths: [] },
    journal: off,
    ...{ schedules: polled, procNet: polled, conntrack: polled },
    ...{ socketInfo: polled, processes: polled },
  },
  macos: {
    ...{ processes: off, eslogger: off, unifiedLog: off },
    ...{ schedules: polled, lsof: polled, nettop: polled },
  },
  windows: {
    ...{ sysmon: off, taskScheduler: off, security: off, tasks: polled },
    eventLog: { pollMs: 1_000, lookBackMs: 0 },
  },
}
const deps = { clock: fakeClock(0, 1), ownPid: 1, knownSchedules: [], maxLagMs: () => 30_000 }
const linux = { platform: 'linux' }
const withLinux = (options: Partial<CollectOptions['linux']>): CollectOptions => ({
  ...none,
  linux: { ...none.linux, ...options },
})
const datasetsOf = async (options: CollectOptions, system: { platform: string }) =>
  (await hostSenses(options, deps, system)).collectors.map(({ dataset }) => dataset)

t.test('a host has the senses that its configuration switches on', async (t) => {
  t.strictSame(await datasetsOf(none, linux), ['linux.hosts'])
  const more = withLinux({
    audit: { ...none.linux.audit, enabled: true },
    procNet: { ...polled, enabled: true },
  })
  t.strictSame(await datasetsOf(more, linux), ['linux.audit', 'linux.proc_net', 'linux.hosts'])
})

t.test(
  'this very process can be looked at',
  { skip: process.platform !== 'linux' && 'needs /proc' },
  async (t) => {
    const { lookUp, bootId } = await hostSenses(none, deps, linux)
    t.match(lookUp?.(process.pid), { pid: process.pid, parentPid: process.ppid })
    t.equal(lookUp?.(2 ** 22 + 1), undefined)
    t.ok(bootId.length > 0)
  },
)

t.test('the journal serves where there is no cron log', async (t) => {
  const logs = { cron: { enabled: true, logPaths: ['/nonexistent'] }, journal: { enabled: true } }
  t.strictSame(await datasetsOf(withLinux(logs), linux), ['linux.journal', 'linux.hosts'])
  const file = t.testdir({ 'cron.log': '' })
  const read = { ...logs, cron: { enabled: true, logPaths: [`${file}/cron.log`] } }
  t.strictSame(await datasetsOf(withLinux(read), linux), ['linux.cron_log', 'linux.hosts'])
})

t.test('a Mac has its own senses, on whatever system its programs stand', async (t) => {
  const programDir = t.testdir({ sysctl: '#!/bin/sh\necho "0C3D-$2"\n' })
  chmodSync(join(programDir, 'sysctl'), 0o755)
  const all: CollectOptions = {
    ...none,
    macos: {
      ...{ processes: { enabled: true }, eslogger: { enabled: true } },
      ...{ schedules: { ...polled, enabled: true }, unifiedLog: { enabled: true } },
      ...{ lsof: { ...polled, enabled: true }, nettop: { ...polled, enabled: true } },
    },
  }
  const system = { platform: 'darwin', macos: { programDir } }
  const senses = await hostSenses(all, deps, system)
  t.match(senses, { platform: 'macos', bootId: '0C3D-kern.bootsessionuuid', lookUp: undefined })
  t.strictSame(
    senses.collectors.map(({ dataset }) => dataset),
    ['macos.ps', 'macos.eslogger', 'macos.schedules', 'macos.unified_log', 'macos.lsof'].concat(
      'macos.nettop',
    ),
  )
  t.strictSame(await datasetsOf(none, system), [])
  const lost = { platform: 'darwin', macos: { programDir: '/nonexistent' } }
  t.equal((await hostSenses(none, deps, lost)).bootId, 'unknown')
})

t.test('Windows has its own senses; without Sysmon the Security log serves', async (t) => {
  const on = { enabled: true }
  const all: CollectOptions = {
    ...none,
    windows: {
      ...none.windows,
      ...{ sysmon: on, taskScheduler: on, security: on, tasks: { ...polled, ...on } },
    },
  }
  const log = fakeEventLog('Microsoft-Windows-Sysmon/Operational')
  const system = { platform: 'win32', windows: { log, systemDir: t.testdir({}) } }
  const { platform, bootId, lookUp, collectors } = await hostSenses(all, deps, system)
  t.equal(platform, 'windows')
  t.match(bootId, /^-?\d+$/)
  t.equal(lookUp?.(1), undefined)
  const names = ['task_scheduler', 'sysmon', 'security', 'tasks'].map((name) => `windows.${name}`)
  t.strictSame(
    collectors.map(({ dataset }) => dataset),
    names,
  )
  const seers = (of: typeof collectors) =>
    of.flatMap(({ seesConnections, dataset }) => (seesConnections ? [dataset] : []))
  t.strictSame(seers(collectors), ['windows.sysmon'])
  log.states.clear()
  const without = await hostSenses(all, deps, system)
  t.strictSame(seers(without.collectors), ['windows.sysmon', 'windows.security'])
  t.strictSame(await datasetsOf(none, system), [])
})

t.test('a system without senses is refused with a remedy', async (t) => {
  const refused = { code: 'ERR_PLATFORM', message: /^sunos: /, remedy: /agent hunt/ }
  await t.rejects(hostSenses(none, deps, { platform: 'sunos' }), refused)
})
