/** Empire's beacons in the recordings, found by a hunt with the real detector: program and period. */
import t from 'tap'
import { hunt } from '../../../agent/hunt/hunt.ts'
import { huntJudge } from '../../../agent/hunt/judge.ts'
import { recording, withoutRecordings } from '../../support/recordings.ts'

const judge = huntJudge({
  timeZone: 'UTC',
  timesOf: () => undefined,
  detect: {},
  risk: {
    destIpAllowlist: [],
    parentProcessBaseline: [],
    scriptPathRegex: [],
    cronIntervalThreshold: { minMs: 1_000, maxMs: 35 * 86_400_000 },
    exfilUserContext: [],
    agentPathPatterns: [],
    repeatIntervalDelta: 0.5,
    userHomeJobs: 'raise',
    minRisk: 50,
  },
})

const BEACONS = [
  [
    'empire_dllinjection_LoadLibrary_CreateRemoteThread_2020-07-22000048.filtered.ndjson.gz',
    'powershell.exe',
    '10.10.10.5',
    5112,
  ],
  [
    'empire_monologue_netntlm_downgrade_2019-12-25045202.filtered.ndjson',
    'powershell.exe',
    '172.18.39.8',
    5077,
  ],
  ['empire_enable_rdp_2019-05-18203650.filtered.ndjson.gz', 'notepad.exe', '10.0.10.106', 5078],
  ['empire_wdigest_downgrade_2019-05-18201922.filtered.ndjson', 'notepad.exe', '10.0.10.106', 5078],
] as const

t.test('beacons of recorded hosts', { skip: withoutRecordings }, async (t) => {
  for (const [name, program, ip, periodMs] of BEACONS) {
    const file = recording(`windows-json/OTRF-Security-Datasets/${name}`)
    const { findings } = await hunt({
      files: [file],
      networks: [],
      timeZone: 'UTC',
      maxObservations: 2_000,
      isAll: false,
      judge,
    })
    const [first] = findings
    t.match(first?.series, { destinationIp: ip }, name)
    t.ok(first?.series.sender?.transfer.actor?.endsWith(`\\${program}`), program)
    const found = first?.assessment.periods[0]?.periodMs ?? 0
    t.ok(Math.abs(found - periodMs) < 30, `${name}: ${found} ms`)
    t.ok(findings.length <= 2, `${name}: ${findings.length} found`)
  }
})
