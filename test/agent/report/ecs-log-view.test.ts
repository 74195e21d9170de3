import t from 'tap'
import { ecsLogView } from '../../../agent/report/ecs-log-view.ts'
import { aFinding, aStatus, NOW_MS } from '../../support/status.ts'

function logOf(level: 'info' | 'warn') {
  const written: string[] = []
  const view = ecsLogView({
    now: () => NOW_MS,
    write: (text) => void written.push(text),
    level,
    version: '1.2.3',
  })
  return { view, lines: () => written.map((line) => JSON.parse(line)) }
}

t.test('each change is one ECS document on one line', async (t) => {
  const { view, lines } = logOf('info')
  view.collectors(aStatus.collectors)
  view.collectors(aStatus.collectors)
  view.findings([{ ...aFinding, actor: 'x\ny' }])
  view.message('hello')
  t.match(lines(), [
    {
      event: { action: 'collector-running' },
      'event.dataset': 'tidewatch.log',
      'log.level': 'info',
    },
    { event: { action: 'collector-degraded' }, 'log.level': 'warn' },
    { tidewatch: { finding: { actor: 'x\ny' } }, event: { risk_score: aFinding.risk } },
    {
      message: 'hello',
      '@timestamp': '2026-11-24T18:00:00.000Z',
      'service.name': 'tidewatch-agent',
      'service.version': '1.2.3',
    },
  ])
})

t.test('what is below the level is not written', async (t) => {
  const { view, lines } = logOf('warn')
  view.collectors(aStatus.collectors)
  view.message('hello')
  t.match(lines(), [{ 'log.level': 'warn' }])
  t.equal(lines().length, 1)
})

t.test('the level can change while it is written', async (t) => {
  const { view, lines } = logOf('warn')
  view.setLevel?.('info')
  view.message('hello')
  view.setLevel?.('error')
  view.message('not this')
  t.match(lines(), [{ message: 'hello' }])
  t.equal(lines().length, 1)
})
