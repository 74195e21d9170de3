/**
 * No setting makes the agent run a program that configuration names, whoever gives it. By the schema:
 * each kind of setting is known, and each path is one that is read, written or connected to. And by
 * trial: an agent of which every path names a program runs none of them.
 */
import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { systemClock } from '../../../agent/clock.ts'
import { layered } from '../../../agent/config/layers.ts'
import { settings } from '../../../agent/config/reference.ts'
import { askAgent } from '../../../agent/control/client.ts'
import { runAgent } from '../../../agent/run-agent.ts'
import { filePart } from '../../support/fleet.ts'
import { socketFolder } from '../../support/socket-folder.ts'
import { until } from '../../support/until.ts'

/** None of them is a command, a template, an environment or a plugin. */
const KINDS = [
  ...['flag', 'count', 'number', 'duration', 'size', 'choice', 'time window', 'name'],
  ...[
    'URL',
    'URL or list of URLs',
    'path',
    'list of paths',
    'outputs by name',
    'list of key hashes',
  ],
  ...[
    'list of addresses, networks and domains',
    'list of path globs',
    'list of regular expressions',
  ],
  ...['list of user names or ids', 'list of public keys', 'list of settings', 'list of labels'],
]
/** What is done with each path. A new one is put here by a person who has looked. */
const PATHS: Readonly<Record<string, 'read' | 'written' | 'connected to'>> = {
  dataDir: 'written',
  'collect.linux.audit.socketPaths': 'connected to',
  'collect.linux.audit.logPath': 'read',
  'collect.linux.cron.logPaths': 'read',
  'ship.path': 'written',
  'ship.apiKeyFile': 'read',
  'ship.basicAuthFile': 'read',
  'ship.bearerFile': 'read',
  'ship.headersFile': 'read',
  'ship.caFile': 'read',
  'ship.clientCertFile': 'read',
  'ship.clientKeyFile': 'read',
  'fleet.bearerFile': 'read',
  'fleet.caFile': 'read',
  'fleet.clientCertFile': 'read',
  'fleet.clientKeyFile': 'read',
}
/** Under which names other agents let configuration run programs. */
const SUSPECT = /command|exec|program|shell|plugin|hook|script$|module|library|interpreter|env$/i

const isPath = ({ kind }: { readonly kind: string }) => kind === 'path' || kind === 'list of paths'

t.test('no setting is of a kind that could name a program', async (t) => {
  for (const { path, kind } of settings()) {
    t.ok(KINDS.includes(kind), `${path} is a ${kind}`)
    t.notMatch(path, SUSPECT)
  }
  const paths = settings().filter(isPath)
  t.strictSame(paths.map(({ path }) => path).sort(), Object.keys(PATHS).sort())
})

t.test('a script in place of a setting is text, and refused', async (t) => {
  for (const text of [
    'collect: { linux: { audit: { command: "/bin/sh" } } }',
    'ship: { url: "exec:/bin/sh" }',
    'ship: { url: "https://x/$(id)", path: !!js/function "x" }',
    'hooks: [/bin/sh]',
  ]) {
    t.notOk(layered('', { text, isSigned: true }).ok, text)
  }
})

function merged(one: unknown, other: unknown): unknown {
  if (!isGroup(one) || !isGroup(other)) return other
  const both = Object.entries(other).map(([key, value]) => [key, merged(one[key], value)])
  return { ...one, ...Object.fromEntries(both) }
}

const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const skip = process.platform !== 'linux' && 'the live sensor runs on Linux only'
t.test('an agent of which every path names a program runs none of them', { skip }, async (t) => {
  const folder = socketFolder(t)
  const [script, mark, dataDir] = [
    t.testdir({ 'run.sh': '' }),
    join(folder, 'mark'),
    join(folder, 'data'),
  ]
  const program = join(script, 'run.sh')
  writeFileSync(program, `#!/bin/sh\necho run > ${mark}\n`)
  chmodSync(program, 0o755)
  const given = settings().filter((it) => isPath(it) && it.path !== 'dataDir')
  // Of those that exclude each other, one.
  const chosen = given.filter(({ path }) => !/^ship\.(?:path|basicAuthFile|bearerFile)$/.test(path))
  const lines = chosen.map(({ path, kind }) => {
    const value = kind === 'path' ? program : [program]
    return path.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value)
  })
  const servers = { ship: { url: 'https://127.0.0.1:1/' }, fleet: { url: 'https://127.0.0.1:1/' } }
  const tree = [servers, { fleet: { interval: '1s' } }, ...lines].reduce(merged)
  const loaded = filePart(JSON.stringify(tree))
  const stop = new AbortController()
  const view = { collectors: () => {}, findings: () => {}, message: () => {} }
  const ended = runAgent(
    {
      version: '0',
      loaded,
      ...{ config: loaded.config, dataDir, view, signal: stop.signal },
      clock: systemClock(),
    },
    { platform: process.platform },
  )
  const status = () => askAgent(join(dataDir, 'control.sock'), { request: 'status' })
  await until(
    'all collectors are settled and the fleet was asked',
    async () => {
      const told = await status()
      const isSettled = told?.collectors.every(({ state }) => state !== 'starting') === true
      return isSettled && (told?.fleet?.failuresInRow ?? 0) > 0
    },
    60_000,
  )
  stop.abort()
  await ended
  t.notOk(existsSync(mark), 'no mark of it')
})
