import t from 'tap'
import { type CommonNeeds, commonChecks } from '../../../agent/doctor/common-checks.ts'
import type { Diagnosis } from '../../../agent/doctor/diagnosis.ts'
import { aMachine } from '../../support/fake-machine.ts'
import { aStatus } from '../../support/status.ts'

const NEEDS: CommonNeeds = {
  fleet: [],
  ...{ dataDir: '/var/lib/tidewatch', configFile: '/etc/tidewatch/agent.yml', maxBytes: 1_000 },
  ...{ secretFiles: ['/etc/tidewatch/api-key'], status: aStatus },
  outputs: [
    {
      output: 'main',
      place: 'https://es',
      steps: [{ what: 'reachable', result: 'ok', detail: 'it answers' }],
    },
  ],
}
const WELL = {
  freeBytes: 1_000,
  files: {
    '/var/lib/tidewatch': { mode: 0o700, isFolder: true },
    '/etc/tidewatch/agent.yml': { mode: 0o644 },
    '/etc/tidewatch/api-key': { mode: 0o600 },
  },
}

async function diagnose(machine = aMachine(WELL), needs = NEEDS): Promise<readonly Diagnosis[]> {
  return (await Promise.all(commonChecks(needs).map((check) => check(machine)))).flat()
}

t.test('what is well, and a collector that is not', async (t) => {
  const all = await diagnose()
  const unwell = all.filter(({ state }) => state !== 'good')
  t.match(unwell, [
    {
      ...{ name: 'linux.conntrack', state: 'warning', detail: 'accounting is off' },
      remedy: 'sysctl net.netfilter.nf_conntrack_acct=1',
    },
  ])
  t.ok(all.some(({ name }) => name === 'main reachable'))
})

t.test('files that others may get at can be closed', async (t) => {
  const open = {
    ...WELL,
    files: {
      '/var/lib/tidewatch': { mode: 0o755, isFolder: true },
      '/etc/tidewatch/agent.yml': { mode: 0o666 },
      '/etc/tidewatch/api-key': { mode: 0o640 },
    },
  }
  const fixes = (await diagnose(aMachine(open))).flatMap(({ fix = [] }) => fix)
  t.strictSame(fixes, [
    { kind: 'mode', path: '/var/lib/tidewatch', mode: 0o700 },
    { kind: 'mode', path: '/etc/tidewatch/agent.yml', mode: 0o644 },
    { kind: 'mode', path: '/etc/tidewatch/api-key', mode: 0o600 },
  ])
  const windows = await diagnose(aMachine({ ...open, platform: 'win32' }))
  t.ok(
    windows.every(({ fix }) => fix === undefined),
    'Windows has no such bits',
  )
})

t.test(
  'a secret that is missing, a disk that is full, no agent, an endpoint that refuses',
  async (t) => {
    const all = await diagnose(aMachine({ freeBytes: 999 }), {
      ...NEEDS,
      status: undefined,
      outputs: [
        {
          ...{ output: 'main', place: 'https://es' },
          steps: [
            {
              what: 'authenticated',
              result: 'failed',
              detail: 'HTTP 401',
              remedy: 'check the key',
            },
          ],
        },
      ],
    })
    t.match(
      all.filter(({ state }) => state !== 'good'),
      [
        { name: 'disk', remedy: /store\.maxSize/ },
        { name: 'secret', state: 'failed' },
        { name: 'agent', remedy: /agent run/ },
        {
          name: 'main authenticated',
          state: 'failed',
          detail: 'https://es: HTTP 401',
          remedy: 'check the key',
        },
      ],
    )
    t.match((await diagnose(aMachine(WELL), { ...NEEDS, outputs: [] })).at(-1), {
      detail: /none is configured/,
    })
  },
)

t.test(
  "a fleet's server that is not there is told, and none where there is no fleet",
  async (t) => {
    const steps = [
      { what: 'reachable', result: 'failed', detail: 'no answer', remedy: 'wait' },
    ] as const
    const fleet = [{ output: 'fleet', place: 'fleet.example:4320', steps }]
    t.match((await diagnose(aMachine(WELL), { ...NEEDS, fleet })).at(-1), {
      ...{ name: 'fleet reachable', state: 'failed', remedy: 'wait' },
      detail: 'fleet.example:4320: no answer',
    })
    t.notOk((await diagnose()).some(({ name }) => name.startsWith('fleet')))
  },
)
