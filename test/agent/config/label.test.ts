import t from 'tap'
import { isLabel } from '../../../agent/config/label.ts'

t.test('a label is a name and a value', async (t) => {
  for (const good of ['env=prod', 'site=eu-west/1', 'team.name=a.b:c', 'x=1']) {
    t.ok(isLabel(good), good)
  }
  for (const bad of ['', 'env', 'env=', '=prod', 'Env=prod', 'a b=c', 'env=a b', 'env=a\n']) {
    t.notOk(isLabel(bad), JSON.stringify(bad))
  }
})
