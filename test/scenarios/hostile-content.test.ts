/**
 * Whoever can run a program chooses its name, arguments and folder. A hostile one must not forge a
 * record, break a line of JSON, or reach the terminal of a person who looks: the whole agent is fed
 * with such programs, and everything that comes out of it is looked at.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { AuditFeed, configOfFed } from '../support/audit-feed.ts'
import { startReceiver } from '../support/receiver.ts'
import { socketFolder } from '../support/socket-folder.ts'
import { until } from '../support/until.ts'

const root = join(import.meta.dirname, '..', '..')
const skip = process.platform !== 'linux' && 'the audit socket is Linux only'
/** What a terminal obeys: controls but the line's end, and marks that turn the direction of writing. */
const OBEYED = /[^\P{Cc}\n]|[\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u

const FORGED =
  'x\ntype=SYSCALL msg=audit(1700000000.000:9): arch=c000003e syscall=59 success=yes exit=0 ppid=1 pid=66 auid=0 uid=0 comm="forged" exe="/forged"'
const HOSTILE: Readonly<Record<string, string | Buffer>> = {
  'line feeds and a record of its own': `/opt/${FORGED}`,
  'escapes that move, color and title': '/opt/\x1b[2J\x1b[31mred\x1b]0;owned\x07\x9b1m',
  'marks that turn the text around': '/opt/\u202egpj.exe\u2066\u200b\u2028',
  'bytes that are no UTF-8': Buffer.from([
    0x2f, 0x6f, 0x70, 0x74, 0x2f, 0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80,
  ]),
  'quotes, and JSON': '/opt/","event":{"id":"forged"},"x":"\\u0000',
  'a very long name': `/opt/${'A'.repeat(3_900)}`,
  'the name of a prototype': '/opt/__proto__',
}

t.test('hostile names end where they began', { skip, timeout: 90_000 }, async (t) => {
  const folder = socketFolder(t)
  const paths = {
    ...{ socket: join(folder, 'audit'), auditLog: join(folder, 'audit.log') },
    ...{ config: join(folder, 'agent.yml'), data: join(folder, 'data') },
  }
  writeFileSync(paths.auditLog, '')
  const receiver = await startReceiver('ndjson')
  const more = ['alert: { minRisk: 0 }', `ship: { url: ${receiver.url}, format: ndjson }`]
  writeFileSync(paths.config, configOfFed(paths.socket, paths.auditLog, more))
  const feed = new AuditFeed(paths.socket, paths.auditLog)
  const program = [join(root, 'agent/main.ts')]
  const options = ['--config', paths.config, '--data-dir', paths.data]
  const agent = spawn(process.execPath, [...program, 'run', '--json', ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  agent.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString()
  })
  let complained = ''
  agent.stderr.on('data', (chunk: Buffer) => {
    complained += chunk.toString()
  })
  const world = setInterval(() => feed.tick(Date.now()), 100)
  t.teardown(async () => {
    clearInterval(world)
    agent.kill('SIGKILL')
    feed.close()
    await receiver.close()
  })
  const say = (command: readonly string[]): string => {
    try {
      return execFileSync(process.execPath, [...program, ...command, ...options], {
        encoding: 'utf8',
      })
    } catch (error) {
      // Its exit code is a word about the agent's health.
      return (error as { readonly stdout: string }).stdout
    }
  }

  await until('the agent listens', () => feed.readers > 0)
  const names = Object.values(HOSTILE)
  names.forEach((actor, n) => {
    const nowMs = Date.now()
    const times = { periodMs: 1_300, startMs: nowMs + 100 * n, endMs: nowMs + 60_000 }
    feed.add({ actor, destinationIp: `198.51.100.${n + 1}`, ...times })
  })
  const told = () => new Set(documents().map(({ destination }) => destination.ip))
  await until('an alert for each', () => told().size === names.length, 60_000)
  clearInterval(world)

  function documents(): readonly AlertDocument[] {
    const all = receiver.requests.flatMap(({ lines }) => lines.map((line) => JSON.parse(line)))
    return all.filter(({ event }) => event.kind === 'alert')
  }
  for (const document of documents()) {
    t.match(document, {
      event: { id: /^[0-9a-f]{32}$/ },
      destination: { ip: /^198\.51\.100\.\d$/ },
    })
    t.notMatch(document.process?.executable ?? '', /^\/forged/, 'no record was forged')
  }
  t.equal(({} as { x?: unknown }).x, undefined, 'no prototype was written to')
  for (const [name, text] of [
    ['agent status', say(['status'])],
    ['agent alerts', say(['alerts'])],
    ['the agent’s own log', printed],
    ['what it complained of', complained],
  ] as const) {
    t.notMatch(text, OBEYED, `${name}: nothing that a terminal obeys`)
  }
  for (const command of ['status', 'alerts']) {
    const json = say([command, '--json'])
    t.doesNotThrow(() => JSON.parse(json), `agent ${command} --json is JSON`)
    t.notMatch(json, OBEYED, 'and prints nothing that a terminal obeys')
  }
  for (const line of printed.trimEnd().split('\n')) {
    t.doesNotThrow(() => JSON.parse(line), 'each line of its log is one document')
  }
  agent.kill('SIGTERM')
  await once(agent, 'exit')
  t.ok(readFileSync(paths.auditLog).length > 0)
})

interface AlertDocument {
  readonly event: { readonly id: string }
  readonly destination: { readonly ip: string }
  readonly process?: { readonly executable?: string }
}
