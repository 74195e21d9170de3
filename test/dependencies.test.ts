/**
 * What runs as root beside our own code, and why. A library that is not in this table, or a row about
 * one that is gone, fails: each is a decision, taken in the commit that brings it.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const REASONS: Readonly<Record<string, string>> = {
  '@bufbuild/protobuf': 'OpAMP messages that its client does not make',
  '@elastic/ecs-pino-format': 'the agent’s own log in ECS',
  '@elastic/opamp-client-node': 'configuration by the open protocol for agent fleets',
  '@observablehq/plot': 'the plots of the report',
  'better-sqlite3': 'the store',
  commander: 'the command line',
  croner: 'when a cron pattern fires next, across time zones',
  'ipaddr.js': 'networks and their scopes',
  koffi: 'system interfaces that Node lacks: event log, service manager, sd_notify',
  linkedom: 'the document that the plots are drawn in, without a browser',
  'node-cron': 'the agent’s own periodic work',
  pino: 'lines of the agent’s log',
  systeminformation: 'facts of the host for ECS',
  undici: 'HTTP',
  yaml: 'the configuration as a person writes it',
  zod: 'its schema',
}

const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8'))
const { dependencies, devDependencies, optionalDependencies } = manifest as {
  readonly [kind: string]: Readonly<Record<string, string>>
}

t.test('each dependency has a reason, and each reason a dependency', async (t) => {
  t.strictSame(Object.keys(dependencies ?? {}).sort(), Object.keys(REASONS).sort())
})

t.test('each version is pinned, so that an install is what was tested', async (t) => {
  for (const [name, version] of Object.entries({
    ...{ ...dependencies, ...devDependencies, ...optionalDependencies },
  })) {
    t.match(version, /^\d+\.\d+\.\d+$/, `${name} ${version}`)
  }
})
