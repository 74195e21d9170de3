import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { savedObjects } from '../../../packaging/elastic/dashboards.ts'
import { fieldOf, type Mapping } from '../../support/mapping.ts'

const folder = join(import.meta.dirname, '../../../packaging/elastic')
const read = (name: string) => readFileSync(join(folder, name), 'utf8')
const mapping = (JSON.parse(read('component-template.json')) as { template: { mappings: Mapping } })
  .template.mappings

t.test('the file is what the program gives', async (t) => {
  const text = savedObjects.map((it) => `${JSON.stringify(it)}\n`).join('')
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(join(folder, 'dashboards.ndjson'), text)
  else t.equal(read('dashboards.ndjson'), text, 'UPDATE_GOLDEN=1 writes it anew')
})

t.test(
  'every reference leads to an object in the file, and every panel to a reference',
  async (t) => {
    const known = new Set(savedObjects.map(({ type, id }) => `${type} ${id}`))
    t.equal(known.size, savedObjects.length, 'no id twice')
    for (const { id, type, attributes, references } of savedObjects) {
      for (const it of references) t.ok(known.has(`${it.type} ${it.id}`), `${id}: ${it.id}`)
      const names = references.map(({ name }) => name)
      if (type === 'dashboard') {
        const panels = JSON.parse(String(attributes['panelsJSON'])) as { panelRefName: string }[]
        t.strictSame(
          panels.map(({ panelRefName }) => panelRefName),
          names,
        )
      } else if (type !== 'index-pattern') {
        const meta = attributes['kibanaSavedObjectMeta'] as { searchSourceJSON: string }
        t.strictSame([JSON.parse(meta.searchSourceJSON).indexRefName], names, id)
      }
    }
  },
)

t.test('panels do not overlap, and stay in the grid', async (t) => {
  for (const { id, type, attributes } of savedObjects) {
    if (type !== 'dashboard') continue
    const cells = new Set<string>()
    const panels = JSON.parse(String(attributes['panelsJSON'])) as {
      gridData: { x: number; y: number; w: number; h: number }
    }[]
    const wanted = panels.flatMap(({ gridData: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    )
    for (const cell of wanted) cells.add(cell)
    t.equal(cells.size, wanted.length, id)
    t.ok(
      wanted.every((cell) => Number.parseInt(cell, 10) < 48),
      id,
    )
  }
})

t.test('every field of a chart is in the template, of a kind that can be counted', async (t) => {
  let fields = 0
  for (const { id, type, attributes } of savedObjects) {
    if (type !== 'visualization') continue
    const { aggs } = JSON.parse(String(attributes['visState'])) as {
      aggs: { id: string; type: string; params: { field: string; orderBy?: string } }[]
    }
    const ids = aggs.map((it) => it.id)
    t.equal(new Set(ids).size, ids.length, `${id}: each its own id`)
    for (const { type: kind, params } of aggs) {
      const field = fieldOf(mapping.properties, params.field)?.type
      const wanted =
        kind === 'max' ? /long|float|date/ : kind === 'date_histogram' ? /date/ : /keyword|long/
      t.match(field, wanted, `${id}: ${params.field}`)
      if (params.orderBy !== undefined && params.orderBy !== '_key') {
        t.ok(ids.includes(params.orderBy), `${id} is ordered by one of its metrics`)
      }
      fields++
    }
  }
  t.ok(fields > 30)
})
