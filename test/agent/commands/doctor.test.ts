import { chmodSync, statSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { runAgent } from '../../support/command-context.ts'

t.test('agent doctor on this host', async (t) => {
  const folder = t.testdir({ data: {}, key: 'k' })
  chmodSync(`${folder}/data`, 0o755)
  chmodSync(`${folder}/key`, 0o644)
  writeFileSync(
    `${folder}/agent.yml`,
    `ship: { url: http://127.0.0.1:9, apiKeyFile: ${folder}/key }\n`,
  )
  const run = (...args: readonly string[]) =>
    runAgent(['doctor', '--config', `${folder}/agent.yml`, '--data-dir', `${folder}/data`, ...args])

  await t.test('tells each need with its remedy', async (t) => {
    const { output, exitCode } = await run()
    t.match(output, /warn {2}data folder +[\s\S]*others than its owner/)
    t.match(output, /fail {2}main reachable +http:\/\/127\.0\.0\.1:9/)
    t.match(output, /→ chmod 700/)
    t.equal(exitCode, 2)
  })

  await t.test('for programs', async (t) => {
    const all = JSON.parse((await run('--json')).output)
    t.ok(
      all.every(
        ({ state, remedy }: { state: string; remedy?: string }) => state === 'good' || remedy,
      ),
    )
  })

  await t.test('changes nothing unasked, and what it does it shows before', async (t) => {
    const shown = await run('--fix')
    t.match(shown.output, /To be done:[\s\S]*chmod 0700 .*data[\s\S]*Nothing was changed\./)
    t.equal(statSync(`${folder}/data`).mode & 0o777, 0o755)
  })
})
