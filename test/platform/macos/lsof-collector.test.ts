import { execFileSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Clock } from '../../../platform/collector.ts'
import type { Connection, Event } from '../../../platform/event.ts'
import { lsofCollector } from '../../../platform/macos/lsof-collector.ts'
import { fakeClock } from '../../support/fake-clock.ts'

const skip = process.platform === 'win32' && 'needs a shell'
const noBookmark = { load: () => undefined }

/** A program that does what `script` says, in the folder that it is in. */
function program(t: Test, script: string): string {
  const folder = t.testdir({ lsof: `#!/bin/sh\ncd "$(dirname "$0")"\n${script}\n` })
  const path = join(folder, 'lsof')
  chmodSync(path, 0o755)
  return path
}

async function run(command: string, looks: number, timeoutMs = 10_000) {
  const clock = fakeClock(1000, looks)
  const collector = lsofCollector({ clock, ownPid: 99, pollMs: 500, timeoutMs, command })
  const signal = new AbortController().signal
  const batches = await Array.fromAsync(collector.batches(signal, noBookmark))
  const events = batches.flatMap(({ events }) => events)
  return { events, counters: collector.counters, collector }
}

const listing = (pid: number, name: string) =>
  `printf 'p${pid}\\ncx\\nu501\\nf3\\ntIPv4\\nPTCP\\nn${name}\\nTST=ESTABLISHED\\n'`
const FIRST = listing(7, '10.0.0.5:1->203.0.113.9:443')
const SECOND = listing(8, '10.0.0.5:2->203.0.113.9:443')

t.test('tells what is open, what opens and what ends', { skip }, async (t) => {
  const script = `if [ -e seen ]; then ${SECOND}; else ${FIRST}; : > seen; fi`
  const { events, counters, collector } = await run(program(t, script), 2)
  t.match(collector.socketOf(2, 443), { process: { pid: 8 } })
  const destination = { ip: '203.0.113.9', port: 443 }
  t.match(events, [
    {
      kind: 'connection',
      phase: 'progress',
      atMs: 1000,
      destination,
      process: { pid: 7, name: 'x' },
    },
    { phase: 'end', atMs: 1500, process: { pid: 7 } },
    { phase: 'start', atMs: 1500, process: { pid: 8 }, dataset: 'macos.lsof' },
  ])
  t.equal(events.length, 3)
  t.match(counters, { received: 2, emitted: 2, ignored: 0, malformed: 0 })
})

t.test('a socket that the log told of has the name that it has there', { skip }, async (t) => {
  const script = `if [ -e seen ]; then ${SECOND}; else ${FIRST}; : > seen; fi`
  const asked: unknown[] = []
  const name = { ip: 'masked:C9.8', port: 0 }
  const collector = lsofCollector({
    ...{ clock: fakeClock(10_000, 2), ownPid: 99, pollMs: 500, command: program(t, script) },
    claim(...of) {
      asked.push(of)
      return name
    },
  })
  const batches = await Array.fromAsync(collector.batches(new AbortController().signal, noBookmark))
  const [, ended, opened] = batches.flatMap(({ events }) => events)
  const destination = { ip: '203.0.113.9', port: 443 }
  t.strictSame(
    asked,
    [[8, destination, 8_000]],
    'what was open at the first look may be of any age',
  )
  t.match(ended, { phase: 'end', source: { ip: '10.0.0.5', port: 1 } })
  t.match(opened, { phase: 'start', source: name, destination })
  t.strictSame(collector.sourceOf({ ip: '10.0.0.5', port: 2 }, destination), name)
  const other = { ip: '10.0.0.5', port: 3 }
  t.strictSame(collector.sourceOf(other, destination), other)
})

t.test('its own connections are not told', { skip }, async (t) => {
  const { events } = await run(program(t, listing(99, '10.0.0.5:1->203.0.113.9:443')), 1)
  t.strictSame(events, [])
})

t.test('what cannot be read is told when it comes', { skip }, async (t) => {
  const { events, counters } = await run(program(t, listing(7, 'no PCB')), 2)
  t.match(events, [{ kind: 'loss', count: 1, reason: 'malformed' }])
  t.equal(events.length, 1)
  t.equal(counters.malformed, 2)
})

t.test('no sockets at all is no failure', { skip }, async (t) => {
  t.strictSame((await run(program(t, 'exit 1'), 1)).events, [])
  t.equal((await run(program(t, `${FIRST}; echo warning >&2; exit 1`), 1)).events.length, 1)
})

t.test('a program that is not there, fails or hangs is a lost source', { skip }, async (t) => {
  await t.rejects(run('/nonexistent/lsof', 1), {
    code: 'ERR_SOURCE_UNAVAILABLE',
    message: /no such/,
  })
  const failing = program(t, 'echo "lsof: illegal option" >&2; exit 1')
  await t.rejects(run(failing, 1), { message: /illegal option/, remedy: /root/ })
  const hanging = program(t, 'exec sleep 60')
  await t.rejects(run(hanging, 1, 200), { message: /no answer in 0.2 s/ })
})

const lsofPath = ['/usr/sbin/lsof', '/usr/bin/lsof'].find((path) => {
  try {
    execFileSync(path, ['-v'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})

t.test('sees a connection of this process live', { skip: !lsofPath && 'no lsof' }, async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const client = connect(port, '127.0.0.1')
  await new Promise((resolve) => client.once('connect', resolve))
  const clock: Clock = {
    now: () => 0,
    async *ticks() {
      yield 1000
      client.destroy()
      await new Promise((resolve) => client.once('close', resolve))
      server.close()
      yield 2000
    },
  }
  const collector = lsofCollector({ clock, ownPid: 0, command: lsofPath ?? '' })
  const signal = new AbortController().signal
  const batches = await Array.fromAsync(collector.batches(signal, noBookmark))
  const isMine = (event: Event): event is Connection =>
    event.kind === 'connection' && event.destination.port === port
  const mine = batches.flatMap(({ events }) => events).filter(isMine)
  t.strictSame(
    mine.map(({ phase, atMs, process: { pid } = { pid: 0 } }) => [phase, atMs, pid]),
    [
      ['progress', 1000, process.pid],
      ['end', 2000, process.pid],
    ],
  )
  t.equal(mine[0]?.process?.user?.id, String(process.getuid?.()))
})
