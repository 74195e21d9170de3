import fc from 'fast-check'
import t from 'tap'
import { parseLaunchctlPrint } from '../../../platform/macos/launchctl-print.ts'
import { holds } from '../../support/holds.ts'

const TEXT = [
  'system = {',
  '\ttype = system',
  '\tactive count = 789',
  '',
  '\tservices = {',
  '\t\t     352      - \tcom.apple.runningboardd',
  '\t\t       0      0 \tcom.x.backup',
  '\t\t       0     78 \tcom.x.name with blank',
  '\t\t   25900   (pe) \tcom.x.pending',
  '\t}',
  '',
  '\tendpoints = {',
  '\t\t    0x1d03    M   A   com.apple.endpoint',
  '\t\t       5      -  com.x.not.a.service',
  '\t}',
  '',
  '\tdisabled services = {',
  '\t\t"com.x.off" => disabled',
  '\t\t"com.x.on" => enabled',
  '\t\t"com.x.was off" => true',
  '\t\t"com.x.was on" => false',
  '\t}',
  '}',
  '',
].join('\n')

t.test('what is loaded, what runs, and what is switched off', async (t) => {
  const result = parseLaunchctlPrint(TEXT)
  t.ok(result.ok)
  if (!result.ok) return
  t.equal(result.value.name, 'system')
  t.strictSame(
    [...result.value.loaded],
    [
      ['com.apple.runningboardd', { pid: 352 }],
      ['com.x.backup', {}],
      ['com.x.name with blank', {}],
      ['com.x.pending', { pid: 25_900 }],
    ],
  )
  t.strictSame([...result.value.disabled], ['com.x.off', 'com.x.was off'])
})

t.test('names the domain, also as older systems do', async (t) => {
  for (const name of ['gui/501', 'com.apple.xpc.launchd.domain.system']) {
    t.match(parseLaunchctlPrint(`${name} = {\n}\n`), { ok: true, value: { name } })
  }
})

for (const [text, reason] of [
  ['Bad request.\nCould not find domain for user gui: 501\n', /^launchctl: Bad request\./],
  ['', /nothing printed/],
  [TEXT.slice(0, 300), /system was cut off/],
] as const) {
  t.test(`refuses ${JSON.stringify(text.slice(0, 20))}`, async (t) => {
    t.match(parseLaunchctlPrint(text), { ok: false, reason })
  })
}

t.test('properties', async (t) => {
  const line = fc.oneof(fc.string(), fc.constantFrom(...TEXT.split('\n')))
  const total = fc.property(fc.array(line), (lines) => void parseLaunchctlPrint(lines.join('\n')))
  holds(t, 'never throws', total)
})
