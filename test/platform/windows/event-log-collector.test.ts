import t from 'tap'
import type { Batch } from '../../../platform/collector.ts'
import type { Event } from '../../../platform/event.ts'
import { EventLogError, parseMark } from '../../../platform/windows/event-log.ts'
import { eventLogCollector } from '../../../platform/windows/event-log-collector.ts'
import { knownProcesses } from '../../../platform/windows/known-processes.ts'
import { windowsEvents } from '../../../platform/windows/windows-events.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { type FakeEventLog, fakeEventLog } from '../../support/fake-event-log.ts'

const CHANNEL = 'Microsoft-Windows-Sysmon/Operational'
const AT = Date.UTC(2026, 0, 2)
const OWN_PID = 77

const sysmon = (eventId: number, atMs: number, fields: Record<string, string>) => ({
  ...{ provider: 'Microsoft-Windows-Sysmon', computer: 'h', eventId, createdMs: atMs },
  fields: { ProcessId: '12', Image: 'C:\\a.exe', ...fields },
})
const connection = (atMs: number, port: number, pid = 12) =>
  sysmon(3, atMs, {
    ...{ ProcessId: String(pid), Initiated: 'true', Protocol: 'tcp' },
    ...{ DestinationIp: '203.0.113.9', DestinationPort: String(port) },
  })

function collectorOf(log: FakeEventLog, options: { ticks?: number; lookBackMs?: number } = {}) {
  const known = knownProcesses()
  const clock = fakeClock(AT + 60_000, options.ticks ?? 2)
  const collector = eventLogCollector({
    ...{ clock, log, known, channel: CHANNEL, dataset: 'windows.sysmon', description: '' },
    ...{ ids: [1, 3], processIds: [1], seesConnections: true, startsLater: false, pollMs: 1_000 },
    ...{ lookBackMs: options.lookBackMs ?? 3_600_000, events: windowsEvents(), ownPid: OWN_PID },
    remedies: { missing: 'install it', disabled: 'switch it on' },
  })
  return { collector, known }
}

/** Runs it through its ticks; `between` is called once, behind the first batch or the first tick. */
async function run(
  { collector }: ReturnType<typeof collectorOf>,
  saved?: string,
  between?: () => void,
): Promise<{ events: Event[]; bookmark: string | undefined }> {
  const batches: Batch[] = []
  let bookmark = saved
  const signal = new AbortController().signal
  for await (const batch of collector.batches(signal, { load: () => saved })) {
    if (isSignOfLife(batch)) continue
    batches.push(batch)
    bookmark = batch.bookmark ?? bookmark
    between?.()
    between = undefined
  }
  return { events: batches.flatMap(({ events }) => events), bookmark }
}
const isSignOfLife = ({ events, bookmark }: Batch): boolean =>
  events.length === 0 && bookmark === undefined
const ports = (events: readonly Event[]): (number | undefined)[] =>
  events.flatMap((event) => (event.kind === 'connection' ? [event.destination.port] : []))

t.test('what the log has, what comes, and after a restart nothing twice', async (t) => {
  const log = fakeEventLog(CHANNEL)
  log.append(connection(AT, 1), connection(AT, 2))
  const first = await run(collectorOf(log), undefined, () => log.append(connection(AT, 3)))
  t.strictSame(ports(first.events), [1, 2, 3])
  t.match(parseMark(first.bookmark), { xml: /RecordId='3'/, atMs: AT })
  log.append(connection(AT, 4))
  const second = await run(collectorOf(log), first.bookmark)
  t.strictSame(ports(second.events), [4])
  t.match(log.asked, [/EventID=1 or EventID=3.*timediff.*<= 3600000.* oldest$/, /after$/])
  t.equal(log.open.size, 0, 'every handle is given back')
})

t.test('without looking back the first start begins with what comes', async (t) => {
  const log = fakeEventLog(CHANNEL)
  log.append(connection(AT, 1))
  const { events } = await run(collectorOf(log, { lookBackMs: 0 }))
  t.strictSame(ports(events), [])
  t.match(log.asked, [/ new$/])
})

t.test('a log that was cleared while the agent was away is a blind span', async (t) => {
  const log = fakeEventLog(CHANNEL)
  log.append(connection(AT, 1))
  const { bookmark } = await run(collectorOf(log))
  log.append(connection(AT + 5_000, 2))
  log.clear()
  log.append(connection(AT + 9_000, 3))
  const { events } = await run(collectorOf(log), bookmark)
  t.strictSame(ports(events), [3])
  t.match(events[0], { kind: 'loss', reason: 'overrun', fromMs: AT, atMs: AT + 9_000 })
})

t.test('a log that was cleared and is still empty is blind until now', async (t) => {
  const log = fakeEventLog(CHANNEL)
  log.append(connection(AT, 1))
  const { bookmark } = await run(collectorOf(log))
  log.clear()
  const { events } = await run(collectorOf(log), bookmark)
  t.match(events, [{ kind: 'loss', reason: 'overrun', fromMs: AT, atMs: AT + 60_000 }])
})

t.test('a log that is cleared under way goes on with what it has', async (t) => {
  const log = fakeEventLog(CHANNEL)
  log.append(connection(AT, 1))
  const { events } = await run(collectorOf(log, { ticks: 4 }), undefined, () => {
    log.append(connection(AT + 1_000, 2))
    log.clear()
    log.append(connection(AT + 2_000, 3))
  })
  t.strictSame(ports(events), [1, 3])
  t.match(
    events.find(({ kind }) => kind === 'loss'),
    { reason: 'overrun', fromMs: AT, atMs: AT + 2_000 },
  )
})

t.test(
  'a channel that is missing or off says so, and is read as soon as it is there',
  async (t) => {
    for (const [state, reason] of [
      ['missing', /no such log; install it/],
      ['disabled', /switched off; switch it on/],
      ['denied', /may not be read; .*administrator/],
    ] as const) {
      const log = fakeEventLog(CHANNEL)
      log.states.set(CHANNEL, state)
      const made = collectorOf(log, { ticks: 1 })
      t.strictSame((await run(made)).events, [])
      t.match(made.collector.degraded?.(), reason)
      log.states.set(CHANNEL, 'enabled')
      log.append(connection(AT, 1))
      t.strictSame(ports((await run(made)).events), [1])
      t.equal(made.collector.degraded?.(), undefined)
    }
  },
)

t.test(
  'a channel that is switched off under way is noticed, and read on when it is back',
  async (t) => {
    const log = fakeEventLog(CHANNEL)
    log.append(connection(AT, 1))
    const made = collectorOf(log, { ticks: 200 })
    const problems: (string | undefined)[] = []
    const { state } = log
    let looks = 0
    log.state = (name) => {
      // On at the start, off for a while from the first look, then on again.
      const isOff = ++looks > 2 && looks < 10
      problems.push(made.collector.degraded?.())
      if (looks === 10) log.append(connection(AT + 5_000, 2))
      return isOff ? 'disabled' : state(name)
    }
    t.strictSame(ports((await run(made)).events), [1, 2])
    t.ok(problems.some((problem) => /switched off/.test(problem ?? '')))
    t.equal(made.collector.degraded?.(), undefined)
  },
)

t.test('the event log itself away is a source that is lost, with a remedy', async (t) => {
  const log = fakeEventLog(CHANNEL)
  log.state = () => {
    throw new EventLogError('EvtOpenChannelConfig', 1722)
  }
  const lost = { code: 'ERR_SOURCE_UNAVAILABLE', message: /1722/, remedy: /EventLog/ }
  await t.rejects(run(collectorOf(log)), lost)
})

t.test('processes from before the bookmark are known, and not told again', async (t) => {
  const log = fakeEventLog(CHANNEL)
  const guid = '{365ABB72-9C9D-5D04-0000-0010D0421600}'
  log.append(sysmon(1, AT, { ProcessGuid: guid, CommandLine: 'a.exe /x' }))
  const { bookmark, events } = await run(collectorOf(log))
  t.match(events, [{ kind: 'process-start' }])
  const again = collectorOf(log)
  t.strictSame((await run(again, bookmark)).events, [])
  t.match(again.known.of(12), { entityId: guid, commandLine: 'a.exe /x' })
})

t.test('what cannot be read is counted and told; its own connections are not', async (t) => {
  const log = fakeEventLog(CHANNEL)
  log.append(sysmon(3, AT, {}), connection(AT + 1, 1), connection(AT + 2, 443, OWN_PID))
  const made = collectorOf(log)
  const { events } = await run(made)
  t.strictSame(ports(events), [1])
  t.match(events.at(-1), { kind: 'loss', reason: 'malformed', count: 1 })
  t.match(made.collector.counters, { received: 3, emitted: 1, ignored: 1, malformed: 1 })
})
