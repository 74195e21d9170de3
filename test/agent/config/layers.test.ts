import fc from 'fast-check'
import t from 'tap'
import { layered } from '../../../agent/config/layers.ts'
import { settings } from '../../../agent/config/reference.ts'
import { holds } from '../../support/holds.ts'

const signed = (text: string) => ({ text, isSigned: true })
const unsigned = (text: string) => ({ text, isSigned: false })

function goodOf(file: string, fleet: string) {
  const result = layered(file, signed(fleet))
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  const from = (path: string) => result.effective.find((it) => it.path === path)
  return { config: result.config, from }
}

t.test('defaults below the file, the file below the fleet', async (t) => {
  const { config, from } = goodOf(
    'detect: { minScore: 0.6, minObservations: 5 }',
    'detect: { minScore: 0.9 }\nship: { url: https://es.example.org }',
  )
  t.match(config.detect, { minScore: 0.9, minObservations: 5, learningPeriodMs: 0 })
  t.equal(config.ship.url, 'https://es.example.org')
  t.match(from('detect.minScore'), { value: 0.9, from: 'fleet' })
  t.match(from('detect.minObservations'), { value: 5, from: 'file' })
  t.match(from('detect.learningPeriod'), { value: '0s', from: 'default' })
})

t.test('allowlists add up: an entry that is pushed wipes none of the host', async (t) => {
  const file = 'detect: { destIpAllowlist: [10.0.0.0/8], exfilUserContext: [root] }'
  const fleet = 'detect: { destIpAllowlist: [192.0.2.7, 10.0.0.0/8], exfilUserContext: [www-data] }'
  const { config, from } = goodOf(file, fleet)
  t.strictSame(config.detect.destIpAllowlist, ['10.0.0.0/8', '192.0.2.7'])
  t.match(from('detect.destIpAllowlist'), { from: 'file + fleet' })
  t.strictSame(config.detect.exfilUserContext, ['www-data'], 'any other list is replaced')
  t.match(goodOf('', fleet).from('detect.destIpAllowlist'), { from: 'fleet' })
})

t.test('what the host has locked stays as it is, and stops nothing else', async (t) => {
  const file = 'locked: [detect.minScore, ship, alert.minRisk]\nalert: { minRisk: 60 }'
  const fleet =
    '{ detect: { minScore: 0.9, minObservations: 7 }, ship: { url: https://x }, alert: { minRisk: 5 } }'
  const { config, from } = goodOf(file, fleet)
  t.match(config, { detect: { minScore: 0.5, minObservations: 7 }, alert: { minRisk: 60 } })
  t.equal(config.ship.url, undefined)
  t.match(from('detect.minScore'), { value: 0.5, from: 'default, locked' })
  t.match(from('alert.minRisk'), { value: 60, from: 'file, locked' })
})

t.test('what is wrong is said with its place in what was pushed', async (t) => {
  t.match(layered('', signed('detect:\n  minScore: 7')), {
    ok: false,
    problems: [{ line: 2, message: /minScore: must be/ }],
  })
  const file = 'detect: { cronIntervalThreshold: { max: 1h } }'
  t.match(layered(file, signed('detect: { cronIntervalThreshold: { min: 1d } }')), {
    ok: false,
    problems: [{ line: undefined, message: /min must not be above max/ }],
  })
})

/** A value that the setting takes, as JSON; every setting has one. */
const SAMPLES: Readonly<Record<string, unknown>> = {
  ...{ path: '/x', URL: 'https://x', 'URL or list of URLs': 'https://x', name: 'logs-x' },
  ...{ 'time window': 'any', 'outputs by name': {}, 'list of settings': ['ship'] },
}
const sampleOf = ({ kind, initial }: { kind: string; initial?: unknown }) =>
  initial ?? SAMPLES[kind] ?? []
const textOf = (path: string, value: unknown): string =>
  JSON.stringify(path.split('.').reduceRight((inner, key) => ({ [key]: inner }), value as object))

/** Good only together with others. */
const PARTNERS = /^ship\.(?:clientCertFile|clientKeyFile)$/

for (const setting of settings().filter(({ path }) => !PARTNERS.test(path))) {
  const { path } = setting
  const [group = ''] = path.split('.')
  t.test(`the fleet and ${path}`, async (t) => {
    const text = textOf(path, sampleOf(setting))
    const isOwn = ['fleet', 'local', 'locked', 'dataDir'].includes(group)
    t.equal(layered('', signed(text)).ok, !isOwn, 'signed')
    t.equal(layered('', unsigned(text)).ok, group === 'detect', 'unsigned')
    if (isOwn) return
    t.match(goodOf(`locked: [${path}]`, text).from(path), { from: 'default, locked' })
  })
}

t.test('never throws', async (t) => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.json())
  holds(
    t,
    'whatever is pushed',
    fc.property(text, (it) => void layered('', signed(it))),
  )
})
