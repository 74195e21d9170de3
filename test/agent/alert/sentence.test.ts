import t from 'tap'
import { sentence } from '../../../agent/alert/sentence.ts'
import { finding, MINUTE_MS, START_MS } from '../../support/findings.ts'

const episode = {
  startMs: START_MS,
  lastMs: START_MS,
  beats: 1,
  periodMs: MINUTE_MS,
  model: 'clock' as const,
}

t.test('says one time as once, and the domain before the address', async (t) => {
  const transfer = { ...finding.transfer, domain: 'backup.example' }
  const text = sentence({ ...finding, transfer, episode } as Parameters<typeof sentence>[0])
  t.match(text, /to backup\.example:443 every 60 s, 1 time since/)
})

t.test('has no words for what is not known', async (t) => {
  const { transfer: _, volume: __, ...bare } = finding
  const identity = { key: 'k', destinationPort: 443, transport: 'tcp' as const }
  const text = sentence({ ...bare, identity, episode })
  t.equal(
    text,
    'An unknown program has connected to an unknown address:443 every 60 s, 1 time since 2026-03-02 04:00 UTC.',
  )
})

t.test('a long path leaves room for the rest', async (t) => {
  const identity = { ...finding.identity, actor: `/opt/${'x'.repeat(5_000)}` }
  const { transfer: _, ...bare } = finding
  const text = sentence({ ...bare, identity, episode })
  t.match(text, /….* 203\.0\.113\.9:443 every 60 s/)
  t.ok(text.length < 400)
})
