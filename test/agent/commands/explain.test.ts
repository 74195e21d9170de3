import t from 'tap'
import { openStoreReadOnly } from '../../../storage/database.ts'
import { runAgent } from '../../support/command-context.ts'
import { DEMO_NOW_MS, fillDemoStore } from '../../support/demo-store.ts'
import { fakeClock } from '../../support/fake-clock.ts'

t.test('agent explain', async (t) => {
  const folder = t.testdir({})
  fillDemoStore(folder)
  const clock = { ...fakeClock(DEMO_NOW_MS, 1), sleep: async () => {} }
  const run = (...args: readonly string[]) =>
    runAgent(['explain', '--data-dir', folder, '--time-zone', 'UTC', ...args], {
      openStoreReadOnly,
      clock,
    })
  const store = openStoreReadOnly(folder)
  const [first] = store.findings(10)
  const [alert] = store.alerts(1)
  const key = first?.seriesKey ?? ''
  store.close()

  await t.test('by the id of a series, of an alert, and how it begins', async (t) => {
    const whole = await run(key)
    t.match(whole, { exitCode: 0, output: /^\/var\/tmp\/\.cache\/sync\.sh as www-data/ })
    t.match(whole.output, 'Tue 24 Nov █████', 'a raster')
    t.match(whole.output, '? we were blind: 2 spans')
    t.match(whole.output, /14 min 5\d\.\d s to/)
    t.equal((await run(key.slice(0, 8))).output, whole.output)
    t.match((await run(alert?.id ?? '')).output, 'sends about')
  })

  await t.test('for programs', async (t) => {
    const { output } = await run('--json', key)
    t.match(JSON.parse(output), { id: key, schedule: { line: 4 }, observations: { length: 1024 } })
  })

  await t.test('an id that is none, or means several, is met with what to do', async (t) => {
    t.match(await run('ffffffff'), {
      exitCode: 70,
      complaint: /no alert or series has this id; `agent status`/,
    })
    t.match(await run(key.slice(0, 2)), { exitCode: 70, complaint: /no alert or series/ })
  })
})
