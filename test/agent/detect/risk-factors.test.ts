import t from 'tap'
import { detect } from '../../../agent/config/schema-detect.ts'
import { riskFactors } from '../../../agent/detect/risk-factors.ts'
import { compileRiskOptions } from '../../../agent/detect/risk-options.ts'
import { POINTS } from '../../../agent/detect/risk-points.ts'
import type { RiskInput } from '../../../agent/detect/risk-types.ts'
import {
  assessment,
  cronJob,
  DAY_MS,
  minutely,
  networkInput,
  rawOptions,
  riskInput,
  transfer,
  volume,
} from '../../support/findings.ts'

const options = compileRiskOptions(rawOptions)
const weights = (input: RiskInput, with_ = options): Record<string, number> =>
  Object.fromEntries(riskFactors(input, with_).map(({ name, weight }) => [name, weight]))
const { schedule: _, ...unscheduled } = transfer

t.test('what nobody saw counts neither for nor against', async (t) => {
  t.strictSame(Object.keys(weights(networkInput(443))).sort(), [
    'external_destination',
    'recurrence',
    'unexplained_clock',
  ])
})

t.test('a job that started it, one that it follows, and none', async (t) => {
  t.match(weights(riskInput), { started_by_schedule: POINTS.started_by_schedule })
  const follows = {
    ...riskInput,
    transfer: unscheduled,
    assessment: { ...assessment, schedule: cronJob },
  }
  t.match(weights(follows), { follows_schedule: POINTS.follows_schedule })
  t.notOk('beacon_like' in weights(follows))
  const sleeps = { ...assessment, periods: [{ ...minutely, model: 'sleep' as const }] }
  t.match(weights({ ...riskInput, transfer: unscheduled, assessment: sleeps }), {
    beacon_like: POINTS.beacon_like,
  })
})

t.test('points fall with age', async (t) => {
  const written = (days: number) =>
    weights({
      ...riskInput,
      transfer: {
        ...transfer,
        schedule: { ...cronJob, modifiedMs: riskInput.nowMs - days * DAY_MS },
      },
    })['recent_schedule'] ?? 0
  t.equal(written(0), POINTS.recent_schedule)
  t.ok(written(4) > 0 && written(4) < POINTS.recent_schedule)
  t.equal(written(8), 0)
  const seen = (days: number) =>
    weights({ ...riskInput, destinationFirstSeenMs: riskInput.nowMs - days * DAY_MS })[
      'new_destination'
    ] ?? 0
  t.equal(seen(0), POINTS.new_destination)
  t.equal(seen(31), 0)
})

t.test('direction needs a payload: keep-alives are no upload', async (t) => {
  t.match(weights(riskInput), { sends_more: POINTS.sends_more })
  t.notOk('sends_more' in weights({ ...riskInput, volume: { ...volume, sentBytesMedian: 80 } }))
  t.notOk('sends_more' in weights({ ...riskInput, volume: { ...volume, sentShare: 0.4 } }))
})

t.test('places: outside, inside, nowhere, unknown', async (t) => {
  const to = (ip: string) =>
    weights({ ...riskInput, transfer: { ...transfer, destination: { ip, port: 443 } } })
  t.match(to('203.0.113.9'), { external_destination: 15 })
  t.notOk('external_destination' in to('10.0.0.1'))
  t.match(to('127.0.0.1'), { local_destination: -20 })
  t.match(to('IPv4#03906bbc'), { unresolved_destination: 10 })
})

t.test('the owner watches users, scripts and agents', async (t) => {
  const watching = compileRiskOptions({
    ...rawOptions,
    exfilUserContext: ['root'],
    scriptPathRegex: ['backup'],
    agentPathPatterns: ['/etc/cron.d/*'],
  })
  t.match(weights(riskInput, watching), { exfil_user: 15, script_path: 15, agent_path: 15 })
  t.notMatch(weights(riskInput), { exfil_user: 15 })
})

t.test("an ordinary user's own job counts unless the owner ignores it", async (t) => {
  const own = {
    ...riskInput,
    transfer: {
      ...transfer,
      actor: '/home/anna/.x/up.py',
      user: { id: '1000', name: 'anna' },
      schedule: { ...cronJob, file: '/var/spool/cron/crontabs/anna' },
    },
  }
  t.match(weights(own), { user_home_job: 10, hidden_path: 10, home_path: 5 })
  t.notOk(
    'user_home_job' in weights(own, compileRiskOptions({ ...rawOptions, userHomeJobs: 'ignore' })),
  )
})

t.test('the elements of macOS look at the folders of launchd', async (t) => {
  const { agentPathPatterns } = detect.parse({})
  const raw = { ...rawOptions, agentPathPatterns }
  const of = (file: string, userId: string, userHomeJobs: 'raise' | 'ignore' = 'raise') => {
    const schedule = { id: 'x', scheduler: 'launchd', command: '/opt/x', file } as const
    const user = { id: userId }
    const input = { ...riskInput, platform: 'macos', transfer: { ...transfer, schedule, user } }
    const { agent_path, user_home_job } = weights(
      input as RiskInput,
      compileRiskOptions({ ...raw, userHomeJobs }),
    )
    return [agent_path, user_home_job]
  }
  t.strictSame(of('/Users/ann/Library/LaunchAgents/x.plist', '501'), [15, 10])
  t.strictSame(of('/Users/ann/Library/LaunchAgents/x.plist', '501', 'ignore'), [15, undefined])
  t.strictSame(of('/Library/LaunchDaemons/x.plist', '0'), [15, undefined])
  t.strictSame(of('/Library/LaunchAgents/x.plist', '501'), [15, undefined])
  t.strictSame(of('/System/Library/LaunchDaemons/x.plist', '0'), [undefined, undefined])
  t.strictSame(of('/private/var/at/tabs/ann', '501'), [undefined, 10], 'a crontab is her own, too')
})
