import t from 'tap'
import { compileRiskOptions } from '../../../agent/detect/risk-options.ts'
import { rawOptions } from '../../support/findings.ts'

t.test('users are known by name, id, or the name without its domain, in any case', async (t) => {
  const { isExfilUser } = compileRiskOptions({
    ...rawOptions,
    exfilUserContext: ['Anna', 'S-1-5-18'],
  })
  for (const user of [{ name: 'anna' }, { name: 'LAB\\ANNA' }, { id: 's-1-5-18' }])
    t.ok(isExfilUser(user))
  for (const user of [{}, { name: 'joanna' }, { id: 'S-1-5-19' }]) t.notOk(isExfilUser(user))
})

t.test('a pattern that cannot be read is refused at start, by name', async (t) => {
  const refused = (changes: object) =>
    t.throws(() => compileRiskOptions({ ...rawOptions, ...changes }), {
      code: 'ERR_PATTERN_INVALID',
      remedy: /./,
    })
  refused({ scriptPathRegex: ['('] })
  refused({ destIpAllowlist: ['10.0.0.0/99'] })
  refused({ parentProcessBaseline: [''] })
  refused({ timeWindow: { from: '8', to: '9' } })
})

t.test('the table of known traffic can be replaced', async (t) => {
  const { known } = compileRiskOptions({ ...rawOptions, knownTraffic: [] })
  t.type(known, 'function')
  t.equal(compileRiskOptions(rawOptions).scriptPath('/opt/x'), undefined)
  t.equal(
    compileRiskOptions({ ...rawOptions, scriptPathRegex: ['^/opt/'] }).scriptPath('/opt/x'),
    '^\\/opt\\/',
  )
})
