import t from 'tap'
import { ruleFields, threatFields } from '../../../agent/alert/threat.ts'
import { cronJob } from '../../support/findings.ts'

const table = [
  ['cron', 'T1053', 'T1053.003'],
  ['anacron', 'T1053', 'T1053.003'],
  ['systemd', 'T1053', 'T1053.006'],
  ['at', 'T1053', 'T1053.002'],
  ['task-scheduler', 'T1053', 'T1053.005'],
  ['launchd', 'T1543', 'T1543.004'],
] as const
for (const [scheduler, technique, sub] of table) {
  t.test(`a transfer of ${scheduler} is T1029 with ${sub}`, async (t) => {
    const want = { technique: { id: ['T1029', technique], subtechnique: { id: [sub] } } }
    t.match(threatFields({ ...cronJob, scheduler }), want)
  })
}

t.test("a user's launch agent is not a daemon", async (t) => {
  const file = '/Users/anna/Library/LaunchAgents/x.plist'
  t.match(threatFields({ ...cronJob, scheduler: 'launchd', file }), {
    technique: { subtechnique: { id: ['T1543.001'] } },
  })
})

t.test('without a scheduler it is T1029 alone, and ids and names stand side by side', async (t) => {
  t.strictSame(threatFields(undefined), {
    framework: 'MITRE ATT&CK',
    tactic: { id: ['TA0010'], name: ['Exfiltration'] },
    technique: { id: ['T1029'], name: ['Scheduled Transfer'] },
  })
})

t.test('the rule is the analytic', async (t) => {
  for (const id of ['AN1118', 'AN1119', 'AN1120'] as const)
    t.match(ruleFields(id), { id, ruleset: 'DET0399' })
})
