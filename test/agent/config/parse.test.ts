import fc from 'fast-check'
import t from 'tap'
import { type ParsedConfig, parseConfig, problemLines } from '../../../agent/config/parse.ts'
import { holds } from '../../support/holds.ts'

const linesOf = (result: ParsedConfig): readonly string[] =>
  result.ok ? [] : problemLines('agent.yml', result.problems)
const configOf = (text: string) => {
  const result = parseConfig(text)
  if (!result.ok) throw new Error(linesOf(result).join('\n'))
  return result.config
}

t.test('an empty file is all defaults', async (t) => {
  for (const text of ['', '# nothing\n', '---\n', 'detect:\n  # minScore: 0.9\n']) {
    t.match(configOf(text), {
      store: { maxSizeBytes: 256 * 1024 ** 2 },
      detect: { minObservations: 3, timeWindow: undefined },
    })
  }
})

t.test('reads what a person writes, with units in the names', async (t) => {
  const config = configOf(
    'collect: { linux: { procNet: { poll: 500ms }, audit: { enabled: false } } }',
  )
  t.match(config.collect.linux, { procNet: { pollMs: 500 }, audit: { enabled: false } })
  t.match(
    configOf(`
detect:
  timeWindow: { from: 22:00, to: 06:00, days: [sat, sun] }
  destIpAllowlist: [10.0.0.0/8, 2001:db8::/32, 192.0.2.7, "*.example.org", backup.lan]
  cronIntervalThreshold: { min: 5s, max: 8d }
  userHomeJobs: ignore
store: { maxSize: 1GiB }
`),
    {
      detect: {
        timeWindow: { from: '22:00', to: '06:00', days: [6, 0] },
        cronIntervalThreshold: { minMs: 5_000, maxMs: 8 * 86_400_000 },
        userHomeJobs: 'ignore',
      },
      store: { maxSizeBytes: 1024 ** 3 },
    },
  )
})

t.test('is frozen to the ground', async (t) => {
  const config = configOf('')
  t.throws(() => Object.assign(config.detect, { minScore: 0 }), TypeError)
  t.throws(() => (config.detect.exfilUserContext as string[]).push('x'), TypeError)
})

for (const [text, line] of [
  [
    'detect:\n  minObservation: 3\n',
    'agent.yml:2:19: detect.minObservation: unknown key; did you mean detect.minObservations?',
  ],
  ['detekt: {}', 'agent.yml:1:9: detekt: unknown key; did you mean detect?'],
  ['log: { colour: red }', 'agent.yml:1:16: log.colour: unknown key; known here: level'],
  ['detect:\n  minScore: 7', 'agent.yml:2:13: detect.minScore: must be a number from 0 to 1, is 7'],
  ['log: { level: loud }', /log\.level: must be one of error, warn, info, debug, is "loud"$/],
  ['log: 3', 'agent.yml:1:6: log: must be a group of settings, is 3'],
  ['[1, 2]', 'agent.yml:1:1: the file: must be a group of settings'],
  ['collect: { linux: { procNet: { poll: 5 } } }', /procNet\.poll: must be a duration .*, is 5$/],
  ['store: { maxSize: 1MiB }', /store\.maxSize: must be a size from 16MiB to 64GiB.*, is "1MiB"$/],
  ['detect: { scriptPathRegex: [ok, "(a+)+"] }', /scriptPathRegex\[1\]: repeats a group/],
  ['detect: { scriptPathRegex: ["(a"] }', /scriptPathRegex\[0\]: is no regular expression: .+/],
  ['detect: { destIpAllowlist: [10.0.0.0/40] }', /destIpAllowlist\[0\]: must be an IP address/],
  ['detect: { destIpAllowlist: [10.0.0] }', /destIpAllowlist\[0\]: must be an IP address/],
  ['detect: { timeWindow: { from: "8:00" } }', /detect\.timeWindow: must be "any", or/],
  ['detect: { cronIntervalThreshold: { min: 2d, max: 1d } }', /min must not be above max/],
  ['ship: { url: "ftp://x" }', /ship\.url: must be an http/],
  ['ship: { url: "https://me:secret@x/" }', /ship\.url: must be an http/],
  ['ship: { bearerFile: /a, apiKeyFile: /b }', /ship: apiKeyFile, .* exclude each other/],
  ['ship: { clientKeyFile: /a }', /ship: .* belong together/],
  ['dataDir: data', /dataDir: must be an absolute path, is "data"$/],
  ['a: [1', /^agent\.yml:1:\d+: .+/],
  ['log: {}\nlog: {}', /^agent\.yml:2:1: .*unique/],
  ['log: !!js/function "x"', /^agent\.yml:1:\d+: .*tag/],
  ['__proto__: { level: debug }', /__proto__: unknown key/],
] as const) {
  t.test(`refuses ${JSON.stringify(text)}`, async (t) => {
    const lines = linesOf(parseConfig(text))
    t.equal(lines.length, 1, lines.join('\n'))
    if (typeof line === 'string') t.equal(lines[0], line)
    else t.match(lines[0], line)
  })
}

t.test('tells all problems at once, in the order of the file', async (t) => {
  const lines = linesOf(parseConfig('log: { level: x }\nalert: { minRisk: 101 }\nx: 1\n'))
  t.match(lines, [/:1:.*log\.level/, /:2:.*minRisk/, /:3:.*x: unknown/])
})

t.test('a secret in the wrong place is not repeated in the message', async (t) => {
  for (const text of ['url: "https://me:secret@x/"', 'apiKeyFile: secret']) {
    t.notMatch(linesOf(parseConfig(`ship: { ${text} }`))[0], /secret/)
  }
})

t.test('an alias bomb and a deep nest are refused, not expanded', async (t) => {
  const bomb = `a: &a [${'x,'.repeat(9)}x]\nb: &b [${'*a,'.repeat(9)}*a]\nc: [${'*b,'.repeat(9)}*b]\n`
  t.match(linesOf(parseConfig(bomb)), [/alias/i])
  t.match(linesOf(parseConfig(`${'{a: '.repeat(40)}1${'}'.repeat(40)}`)), [/deep/])
  t.match(linesOf(parseConfig(`# ${'x'.repeat(1024 * 1024)}`)), [/longer than 1 MiB/])
})

t.test('text that is made to exhaust the reader is refused in a few words', async (t) => {
  for (const text of ['['.repeat(20_000), '{a: '.repeat(20_000), '!'.repeat(20_000)]) {
    const [line = ''] = linesOf(parseConfig(text))
    t.ok(line.length > 0 && line.length < 300, line)
  }
})

t.test('says where each value comes from', async (t) => {
  const result = parseConfig('detect: { minScore: 0.9, destIpAllowlist: [192.0.2.1] }')
  const by = new Map((result.ok ? result.effective : []).map((setting) => [setting.path, setting]))
  t.strictSame(by.get('detect.minScore'), { path: 'detect.minScore', value: 0.9, from: 'file' })
  t.match(by.get('detect.destIpAllowlist'), { value: ['192.0.2.1'], from: 'file' })
  t.match(by.get('store.maxSize'), { value: '256MiB', from: 'default' })
  t.strictSame(by.get('ship.url'), { path: 'ship.url', from: 'default' })
})

t.test('properties', async (t) => {
  const total = fc.property(fc.string({ unit: 'binary' }), (text) => {
    const result = parseConfig(text)
    return result.ok || result.problems.length > 0
  })
  holds(t, 'never throws, and never refuses without a reason', total)
  const json = fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
    const result = parseConfig(JSON.stringify({ detect: value, ship: value }))
    return result.ok || result.problems.every(({ message }) => !message.includes('\n'))
  })
  holds(t, 'each problem is one line', json)
})
