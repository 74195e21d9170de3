import t from 'tap'
import type { Transfer } from '../../../agent/correlate/transfer.ts'
import { textOf, transferOf } from '../../../agent/correlate/transfer-text.ts'

const transfer: Transfer = {
  ...{ seriesKey: 's', startMs: 1_000, endMs: 2_000, connections: 2, sentBytes: 5 },
  ...{ actor: '/opt/x.sh', user: { id: '0' }, destination: { ip: '203.0.113.9', port: 443 } },
  schedule: { id: 'job', scheduler: 'cron', command: '/opt/x.sh' },
  lineage: [
    { entityId: 'a', pid: 7, startMs: 900, executable: '/usr/bin/curl', args: ['curl', '-T', 'x'] },
    { entityId: 'b', pid: 6 },
  ],
  datasets: ['linux.audit'],
}

t.test('a transfer comes back as it was', async (t) => {
  t.strictSame(transferOf(textOf(transfer)), transfer)
})

t.test('the next run of a job shares its context', async (t) => {
  const next: Transfer = {
    ...{ ...transfer, startMs: 61_000, endMs: 61_000, connections: 1, receivedBytes: 9 },
    lineage: [
      { ...transfer.lineage[0], entityId: 'c', pid: 17, startMs: 60_900 },
      { ...transfer.lineage[1], entityId: 'd', pid: 16 },
    ],
  }
  t.equal(textOf(next).context, textOf(transfer).context)
  t.not(textOf(next).latest, textOf(transfer).latest)
})

t.test('half a text is none', async (t) => {
  const { context } = textOf(transfer)
  t.equal(transferOf({ context }), undefined)
})
