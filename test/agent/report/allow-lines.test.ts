import t from 'tap'
import { parse } from 'yaml'
import { compilePaths } from '../../../agent/detect/baseline.ts'
import { allowLines } from '../../../agent/report/allow-lines.ts'
import { aTold } from '../../support/told-finding.ts'

t.test('they are the configuration that allows it', async (t) => {
  const [byDestination, byProgram] = allowLines(aTold())
  t.strictSame(parse(byDestination?.lines.join('\n') ?? ''), {
    detect: { destIpAllowlist: ['drop.example'] },
  })
  t.strictSame(parse(byProgram?.lines.join('\n') ?? ''), {
    detect: { parentProcessBaseline: ['/opt/backup.sh'] },
  })
})

t.test('a hostile name is a text, and no glob', async (t) => {
  const actor = '/tmp/*\n- "**": x'
  const [, byProgram] = allowLines(aTold({ actor }))
  const [pattern = ''] = parse(byProgram?.lines.join('\n') ?? '').detect.parentProcessBaseline
  const match = compilePaths([pattern])
  t.ok(match(actor))
  t.notOk(match('/tmp/other'))
})

t.test('what is not known can not be allowed', async (t) => {
  const masked = { name: 'masked:IPv4#03906bbc', ip: 'masked:IPv4#03906bbc', port: 443 }
  const { actor: _, ...unknown } = aTold({ destination: masked, lineage: [] })
  t.strictSame(allowLines(unknown), [])
})
