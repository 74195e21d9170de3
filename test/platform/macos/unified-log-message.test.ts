import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { type LogEntry, parseLogLine } from '../../../platform/macos/unified-log-entry.ts'
import { logFact } from '../../../platform/macos/unified-log-message.ts'
import { holds } from '../../support/holds.ts'
import {
  beginLine,
  logLine,
  spawnLine,
  taskLine,
  tcpLine,
  upLine,
} from '../../support/log-lines.ts'
import { recording, withoutRecordings } from '../../support/recordings.ts'

function factOf(line: string): unknown {
  const result = parseLogLine(line)
  return result.ok && result.value.kind === 'entry' ? logFact(result.value.entry) : undefined
}
const host = { ip: 'masked:Hostname#38445e48', port: 443 }
const local = { ip: 'masked:IPv4', port: 61_500 }
const remote = { ip: 'masked:IPv4', port: 443 }

const reads: Record<string, [string, unknown]> = {
  'a job that launchd spawned': [
    spawnLine('com.x.backup', 93_638),
    { kind: 'job', label: 'com.x.backup', program: 'backup', pid: 93_638 },
  ],
  'a person’s job': [
    spawnLine('', 7, { subsystem: 'gui/501/com.x [y].z [7]' }),
    { kind: 'job', label: 'com.x [y].z', program: 'backup', pid: 7 },
  ],
  'a job that older systems name in the text': [
    logLine({
      pid: 1,
      image: '/sbin/launchd',
      message: '[system/com.x.y [93638]:] Successfully spawned y[93638] because interval',
    }),
    { kind: 'job', label: 'com.x.y', program: 'y', pid: 93_638 },
  ],
  'a connection that begins': [
    beginLine(9, 'Hostname#38445e48:443'),
    { kind: 'begin', number: 9, to: host, transport: 'tcp' },
  ],
  'a path that is up': [
    upLine('9.1', 'IPv6#b359ef86.443'),
    { kind: 'connected', number: 9, to: { ip: 'masked:IPv6#b359ef86', port: 443 } },
  ],
  'the bytes of a task': [
    taskLine(9, 175, 1092),
    { kind: 'task', number: 9, sentBytes: 175, receivedBytes: 1092 },
  ],
  'a socket that connects': [
    tcpLine('outgoing', { process: 'my: tool:501' }),
    {
      kind: 'tcp',
      phase: 'outgoing',
      socket: '7',
      local,
      remote,
      pid: 501,
      name: 'my: tool',
      sentBytes: 0,
      receivedBytes: 0,
    },
  ],
}
for (const [name, [line, fact]] of Object.entries(reads)) {
  t.test(`reads ${name}`, async (t) => t.strictSame(factOf(line), fact))
}

t.test('a socket that closes tells what it received and sent, in clear where it is', async (t) => {
  const ends = '192.168.1.5:61500<->203.0.113.9:443'
  t.match(factOf(tcpLine('summary', { bytes: '1200/98765', ends })), {
    phase: 'summary',
    receivedBytes: 1200,
    sentBytes: 98_765,
    remote: { ip: '203.0.113.9', port: 443 },
  })
})

const task = (pairs: string) =>
  logLine({
    subsystem: 'com.apple.CFNetwork',
    message: `Task <0786C1BF-63CD-46FB-8E1E-A9E7737CE182>.<2> summary for task success {${pairs}}`,
  })
const passesOver: Record<string, string> = {
  'launchd’s words from another process': spawnLine('com.x', 7, { pid: 77 }),
  'another program that has pid 1': spawnLine('com.x', 7, { image: '/tmp/launchd' }),
  'the kernel’s words from another process': logLine({
    message: JSON.parse(tcpLine('outgoing')).eventMessage,
  }),
  'another subsystem': logLine({ message: JSON.parse(taskLine(1, 2, 3)).eventMessage }),
  'a resolver’s line of a connection': logLine({
    subsystem: 'com.apple.network',
    message:
      '[C9 Hostname#38445e48:443 ready resolver (satisfied (Path is satisfied))] event: flow:finish_connect @0.056s',
  }),
  'a connection that is gone': logLine({
    subsystem: 'com.apple.network',
    message: '[C2430 Hostname#65c1aeb9:63995 tcp, url: http://localhost:63995/, definite] dealloc',
  }),
  'a summary without bytes': task('connection=1, request_bytes=-1, response_bytes=2'),
  'a summary without a connection': task('request_bytes=1, response_bytes=2'),
  'the kernel’s second summary line': logLine({
    pid: 0,
    message:
      'tcp_connection_summary [1.2.3.4:5<->5.6.7.8:53] interface: en0 (skipped: 0)\nso_gencnt: 1 process: x:1 flowctl: 0us',
  }),
}
for (const [name, line] of Object.entries(passesOver)) {
  t.test(`passes over ${name}`, async (t) => t.equal(factOf(line), undefined))
}

t.test('recordings', { skip: withoutRecordings }, async (t) => {
  const read = (name: string) =>
    readFileSync(recording(`macos-unifiedlog/excerpts/${name}`), 'utf8')

  t.test('a simulator’s entries: a task, and nothing else that counts', async (t) => {
    const facts = read('simulator-com.apple.network.ndjson').trimEnd().split('\n').map(factOf)
    t.equal(facts.length, 4)
    t.strictSame(
      facts.filter((fact) => fact !== undefined),
      [{ kind: 'task', number: 2408, sentBytes: 0, receivedBytes: 0 }],
    )
  })

  t.test('a copy out of Console: its messages are those of the log', async (t) => {
    const SUBSYSTEMS = ['com.apple.network', 'com.apple.CFNetwork']
    const facts = read('console-copy-macos-redlemon-a.txt')
      .trimEnd()
      .split('\n')
      .flatMap((line) => {
        const [, , process = '', message = ''] = line.split('\t')
        const from = process === 'RedLemon' ? SUBSYSTEMS : ['com.apple.mdns']
        return from.map((subsystem) => factOf(logLine({ message, subsystem })))
      })
      .filter((fact) => fact !== undefined)
    const to = { ip: '127.0.0.1', port: 47_253 }
    t.strictSame(facts, [
      { kind: 'begin', number: 8, to, transport: 'tcp' },
      { kind: 'connected', number: 8, to },
      { kind: 'task', number: 4, sentBytes: 41, receivedBytes: 1_014_397 },
      { kind: 'task', number: 8, sentBytes: 299, receivedBytes: 2703 },
    ])
  })
})

t.test('properties', async (t) => {
  const lines = [
    spawnLine('x', 1),
    beginLine(1, 'a:1'),
    upLine('1.1', 'a:1'),
    taskLine(1, 2, 3),
    tcpLine('summary'),
  ]
  const entry = fc.constantFrom(...lines.map((line) => JSON.parse(line)))
  const cut = fc.property(entry, fc.nat(400), fc.string(), (some, at, noise) => {
    const text = `${some.eventMessage.slice(0, at)}${noise}${some.eventMessage.slice(at + 1)}`
    logFact({
      atMs: 0,
      pid: some.processID,
      image: some.processImagePath,
      subsystem: some.subsystem,
      category: '',
      message: text,
    } satisfies LogEntry)
  })
  holds(t, 'never throws on a message that was changed', cut, { numRuns: 500 })
})
