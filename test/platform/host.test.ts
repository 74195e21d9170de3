import t from 'tap'
import { hostSenses } from '../../platform/host.ts'
import { fakeClock } from '../support/fake-clock.ts'

const polled = { enabled: false, pollMs: 1_000 }
const none = {
  audit: { enabled: false, socketPaths: [], logPath: '' },
  cron: { enabled: false, logPaths: [] },
  journal: { enabled: false },
  ...{
    schedules: polled,
    procNet: polled,
    conntrack: polled,
    socketInfo: polled,
    processes: polled,
  },
}
const deps = { clock: fakeClock(0, 1), ownPid: 1, knownSchedules: [] }
const skip = process.platform !== 'linux' && 'the live sensor runs on Linux only'

t.test('a host has the senses that its configuration switches on', { skip }, async (t) => {
  const few = await hostSenses({ linux: none }, deps)
  t.strictSame(
    few.collectors.map(({ dataset }) => dataset),
    ['linux.hosts'],
  )
  const more = {
    ...none,
    audit: { ...none.audit, enabled: true },
    procNet: { ...polled, enabled: true },
  }
  const senses = await hostSenses({ linux: more }, deps)
  t.strictSame(
    senses.collectors.map(({ dataset }) => dataset),
    ['linux.audit', 'linux.proc_net', 'linux.hosts'],
  )
})

t.test('this very process can be looked at', { skip }, async (t) => {
  const { lookUp, bootId } = await hostSenses({ linux: none }, deps)
  t.match(lookUp(process.pid), { pid: process.pid, parentPid: process.ppid })
  t.equal(lookUp(2 ** 22 + 1), undefined)
  t.ok(bootId.length > 0)
})

t.test('the journal serves where there is no cron log', { skip }, async (t) => {
  const logs = { cron: { enabled: true, logPaths: ['/nonexistent'] }, journal: { enabled: true } }
  const { collectors } = await hostSenses({ linux: { ...none, ...logs } }, deps)
  t.match(
    collectors.map(({ dataset }) => dataset),
    ['linux.journal', 'linux.hosts'],
  )
  const file = t.testdir({ 'cron.log': '' })
  const read = { ...logs, cron: { enabled: true, logPaths: [`${file}/cron.log`] } }
  const withLog = await hostSenses({ linux: { ...none, ...read } }, deps)
  t.match(
    withLog.collectors.map(({ dataset }) => dataset),
    ['linux.cron_log', 'linux.hosts'],
  )
})
