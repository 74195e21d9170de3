import t from 'tap'
import { EXIT_CODES, healthOf } from '../../../agent/control/health.ts'
import type { CollectorStatus } from '../../../agent/control/status.ts'
import { aStatus } from '../../support/status.ts'

const [running, degraded] = aStatus.collectors as readonly [CollectorStatus, CollectorStatus]

t.test('all collectors running is healthy', async (t) => {
  const { health, reasons } = healthOf({ ...aStatus, collectors: [running] })
  t.equal(EXIT_CODES[health], 0)
  t.strictSame(reasons, [])
})

t.test('a collector that sees less, or nothing, degrades', async (t) => {
  const lost = { ...running, dataset: 'linux.cron', state: 'lost' } as const
  const { health, reasons } = healthOf({ ...aStatus, collectors: [running, degraded, lost] })
  t.equal(EXIT_CODES[health], 1)
  t.strictSame(reasons, ['lost: linux.cron', 'degraded: linux.conntrack'])
})

t.test('an endpoint that is away degrades, one failure does not', async (t) => {
  const with_ = (failuresInRow: number) =>
    healthOf({
      ...aStatus,
      collectors: [running],
      outputs: [...aStatus.outputs, { name: 'soc', place: 'x', failuresInRow }],
    })
  t.equal(with_(2).health, 'healthy')
  t.match(with_(3), { health: 'degraded', reasons: ['does not take alerts: soc'] })
})

t.test('an agent that does not run, or sees nothing, is down', async (t) => {
  t.equal(EXIT_CODES[healthOf({ ...aStatus, isRunning: false }).health], 2)
  const blind = { ...aStatus, collectors: [{ ...running, state: 'lost' as const }] }
  t.equal(healthOf(blind).health, 'down')
})

t.test('a full disk and what befell the agent degrade it', async (t) => {
  const well = { ...aStatus, collectors: [running] }
  const problem = "the database can't grow"
  t.match(healthOf({ ...well, problem }), { health: 'degraded', reasons: [problem] })
  const incidents = [{ atMs: 1, what: 'ended by an error: x' }]
  t.match(healthOf({ ...well, incidents }), { health: 'degraded', reasons: [incidents[0]?.what] })
})

t.test('an agent that leaves out what floods it says so, until it is over', async (t) => {
  const well = { ...aStatus, collectors: [running] }
  t.match(healthOf({ ...well, shed: { events: 9, cap: 20 } }), {
    ...{ health: 'degraded', reasons: [/a flood: 9 events/] },
  })
  t.equal(healthOf({ ...well, shed: { events: 9 } }).health, 'healthy')
})
