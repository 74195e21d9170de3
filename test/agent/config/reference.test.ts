import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { jsonSchema, keysAt, referenceTable, settings } from '../../../agent/config/reference.ts'
import { schema } from '../../../agent/config/schema.ts'

t.test('every setting says its kind and reason, and numbers their range', async (t) => {
  for (const { path, kind, range, reason } of settings()) {
    t.ok(kind.length > 0 && reason.length > 10, path)
    if (/count|number|duration|size/.test(kind)) t.match(range, / to /, path)
  }
})

t.test('every default can be written in the file', async (t) => {
  const all: Record<string, unknown> = {}
  for (const { path, initial } of settings()) {
    if (initial === undefined) continue
    const keys = path.split('.')
    const last = keys.pop() ?? ''
    const group = keys.reduce<Record<string, unknown>>((at, key) => {
      at[key] ??= {}
      return at[key] as Record<string, unknown>
    }, all)
    group[last] = initial
  }
  t.strictSame(schema.parse(all), schema.parse({}))
})

t.test('knows the keys of a group', async (t) => {
  t.strictSame(keysAt(['log']), ['level'])
  t.ok(keysAt([]).includes('detect'))
  t.strictSame(keysAt(['log', 'level', 'x']), [])
  t.ok(keysAt(['ship', 'outputs', 'any']).includes('dataStream'), 'also where the owner names it')
})

t.test('the JSON Schema refuses unknown keys', async (t) => {
  t.match(jsonSchema(), { type: 'object', additionalProperties: false })
})

/** A formatter pads the cells of a table. */
const unpadded = (text: string) => text.replace(/ +/g, ' ').replace(/-{3,}/g, '---')

t.test('the table in the documentation is that of the schema', async (t) => {
  const path = join(import.meta.dirname, '..', '..', '..', 'agent', 'config', 'README.md')
  const readme = readFileSync(path, 'utf8')
  const [before, , after] = readme.split(/(?<=<!-- settings -->\n)|(?=<!-- end of settings -->)/)
  const now = `${before}\n${referenceTable()}\n\n${after}`
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, now)
  else t.equal(unpadded(readme), unpadded(now), 'UPDATE_GOLDEN=1 writes it anew')
})
