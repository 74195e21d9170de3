import t from 'tap'
import { toConfig } from '../../../agent/config/config.ts'
import { schema } from '../../../agent/config/schema.ts'

t.test('the unit moves from the value into the name', async (t) => {
  const config = toConfig(
    schema.parse({ alert: { updateInterval: '2h' }, store: { maxSize: '1GiB' } }),
  )
  t.equal(config.alert.updateIntervalMs, 7_200_000)
  t.equal(config.store.maxSizeBytes, 1024 ** 3)
  t.notOk('updateInterval' in config.alert)
})

t.test('everything in it is frozen', async (t) => {
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return
    t.ok(Object.isFrozen(value), path)
    for (const [key, inner] of Object.entries(value)) visit(inner, `${path}.${key}`)
  }
  visit(toConfig(schema.parse({})), 'config')
})
