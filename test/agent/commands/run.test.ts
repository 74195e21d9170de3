import { join } from 'node:path'
import t from 'tap'
import type { AgentOptions, SensorOptions, ServiceAccess } from '../../../agent/commands/context.ts'
import { noService, runAgent } from '../../support/command-context.ts'
import { aFinding, aStatus } from '../../support/status.ts'

const showing = async ({ view }: SensorOptions) => {
  view.collectors(aStatus.collectors)
  view.findings([aFinding])
}

t.test('starts the sensor with the configuration, the folder and a signal', async (t) => {
  const config = join(t.testdir({ 'agent.yml': 'detect: { minScore: 0.7 }\n' }), 'agent.yml')
  const { sensor, output, exitCode } = await runAgent(['run', '--config', config])
  t.match(sensor, { config: { detect: { minScore: 0.7 } }, dataDir: '/nonexistent/state' })
  t.ok(sensor?.signal instanceof AbortSignal)
  t.match(output, `configuration: ${config}`)
  t.equal(exitCode, 0)
})

t.test('the data folder is absolute, wherever it was named from', async (t) => {
  const { sensor } = await runAgent(['run', '--data-dir', 'data'])
  t.equal(sensor?.dataDir, join(process.cwd(), 'data'))
})

t.test('shows lines in a log, objects for a program, and a table on a terminal', async (t) => {
  const log = await runAgent(['run'], { runSensor: showing })
  t.match(log.output, 'Z  linux.audit: running')
  const json = await runAgent(['run', '--json'], { runSensor: showing })
  const actions = json.output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).event?.action)
  t.strictSame(actions, [
    ...[undefined, undefined, 'collector-running', 'collector-degraded'],
    'finding-alert',
  ])
  let drawn = ''
  const output = {
    write: (text: string) => {
      drawn += text
    },
    isTerminal: true,
    isColored: false,
    size: () => ({ columns: 100, rows: 30 }),
  }
  await runAgent(['run'], { runSensor: showing, output })
  t.match(drawn, 'RISK  PERIOD')
  t.ok(drawn.endsWith('\u001b[?25h'), 'the cursor is back')
})

t.test('the cursor is back also when the sensor fails', async (t) => {
  let drawn = ''
  const write = (text: string) => {
    drawn += text
  }
  const output = {
    write,
    isTerminal: true,
    isColored: false,
    size: () => ({ columns: 80, rows: 9 }),
  }
  const runSensor = async () => {
    throw new Error('a bug')
  }
  await t.rejects(runAgent(['run'], { output, runSensor }), /a bug/)
  t.ok(drawn.endsWith('\u001b[?25h'))
})

/** Stands for Windows' service manager. */
async function asService(
  args: readonly string[],
  change: Partial<Parameters<typeof runAgent>[1]> = {},
) {
  const log: string[] = []
  let ended: number | undefined
  let isReady = false
  const service: ServiceAccess = {
    ...noService,
    async run(work) {
      ended = await work({
        signal: new AbortController().signal,
        ready: () => {
          isReady = true
        },
        log: (level, text) => void log.push(`${level} ${text}`),
      })
    },
  }
  const ran = await runAgent(['run', '--service', ...args], { service, ...change })
  return { ...ran, log, ended, isReady }
}

t.test('as a service it tells the system, and nothing on its output', async (t) => {
  const runSensor = async (options: AgentOptions) => {
    options.onReady?.(() => undefined)
    await showing(options)
  }
  const { log, output, ended, isReady } = await asService([], { runSensor })
  t.match(log, [/^info tidewatch 1\.2\.3/, /^info configuration/, /^info linux\.audit: running/])
  t.strictSame([output, ended, isReady], ['', 0, true])
})

t.test('a service that cannot start says why in the log, and how it ended', async (t) => {
  const config = join(t.testdir({ 'agent.yml': 'detect: { minScore: 7 }\n' }), 'agent.yml')
  const { log, ended, isReady } = await asService(['--config', config])
  t.match(log, [/^error .*minScore/])
  t.strictSame([ended, isReady], [78, false])
})

t.test('a bug is thrown on, so that the service manager starts it again', async (t) => {
  const runSensor = async () => {
    throw new TypeError('a bug')
  }
  await t.rejects(asService([], { runSensor }), { message: 'a bug' })
})
