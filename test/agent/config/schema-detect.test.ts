import t from 'tap'
import { alert, detect } from '../../../agent/config/schema-detect.ts'

const ELEMENTS = [
  'timeWindow',
  'destIpAllowlist',
  'parentProcessBaseline',
  'scriptPathRegex',
  'cronIntervalThreshold',
  'exfilUserContext',
  'agentPathPatterns',
  'repeatIntervalDelta',
  'userHomeJobs',
]

t.test('has the nine mutable elements of DET0399 under their names', async (t) => {
  const keys = Object.keys(detect.parse({}))
  for (const name of ELEMENTS) t.ok(keys.includes(name), name)
})

t.test('the suspicious script paths are places that any user can write to', async (t) => {
  const patterns = detect.parse({}).scriptPathRegex.map((source) => new RegExp(source, 'u'))
  const isSuspicious = (path: string) => patterns.some((pattern) => pattern.test(path))
  const suspicious = ['/tmp/x.sh', '/var/tmp/a', '/dev/shm/b', '/opt/.hidden/run', '/home/a/x.py']
  for (const path of suspicious) t.ok(isSuspicious(path), path)
  const usual = [
    '/usr/bin/curl',
    '/opt/backup.sh',
    '/etc/cron.daily/apt',
    '/opt/tmp/x',
    '/opt/../x',
  ]
  for (const path of usual) t.notOk(isSuspicious(path), path)
})

t.test('bounds that cross are refused', async (t) => {
  t.notOk(detect.safeParse({ cronIntervalThreshold: { min: '40d' } }).success)
  t.notOk(detect.safeParse({ repeatIntervalDelta: 1.1 }).success)
  t.notOk(detect.safeParse({ minObservations: 2 }).success)
  t.notOk(alert.safeParse({ minRisk: 50.5 }).success)
})
