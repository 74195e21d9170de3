/** The files for the engines, against each other and against what the agent sends. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parseConfig } from '../../../agent/config/parse.ts'
import { outputsOf } from '../../../agent/shipping.ts'
import { fieldOf, type MappedField, type Mapping } from '../../support/mapping.ts'

const folder = join(import.meta.dirname, '../../../packaging/elastic')
const read = (name: string) => readFileSync(join(folder, name), 'utf8')
const json = (name: string) => JSON.parse(read(name))
const mapping = json('component-template.json').template.mappings as Mapping
const parsed = parseConfig('ship: { url: "https://x" }')
const [output] = parsed.ok ? outputsOf(parsed.config.ship) : []
const matches = (pattern: string, name: string) =>
  new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`).test(name)

for (const [kind, stream] of [
  ['alerts', output?.dataStream],
  ['health', output?.healthDataStream],
] as const) {
  t.test(
    `the template of ${kind} is that of the default data stream, on both engines`,
    async (t) => {
      const elastic = json(`index-template-${kind}.json`)
      const open = json(`opensearch/index-template-${kind}.json`)
      const [pattern] = elastic.index_patterns as string[]
      t.ok(matches(pattern ?? '', stream ?? ''))
      t.strictSame(elastic.data_stream, {}, 'takes data streams')
      t.ok(elastic.priority > 200, 'before the built-in one')
      t.match(elastic.composed_of, ['tidewatch@mappings'])
      const [type, dataset] = (stream ?? '').split('-')
      t.match(elastic.template.mappings.properties.data_stream.properties, {
        type: { type: 'constant_keyword', value: type },
        dataset: { type: 'constant_keyword', value: dataset },
      })
      const { lifecycle, ...index } = elastic.template.settings.index
      t.equal(lifecycle.name, `tidewatch-${kind}`, 'as load.sh names it')
      const same = { ...elastic, template: { settings: { index } } }
      t.strictSame(open, same, 'OpenSearch: without lifecycle and constant_keyword')
      const ism = json(`opensearch/ism-${kind}.json`).policy
      t.ok(matches(ism.ism_template[0].index_patterns[0], `.ds-${stream}-000001`))
      const { hot, delete: gone } = json(`lifecycle-${kind}.json`).policy.phases
      t.equal(ism.states[0].actions[0].rollover.min_index_age, hot.actions.rollover.max_age)
      t.equal(ism.states[0].transitions[0].conditions.min_rollover_age, gone.min_age)
    },
  )
}

t.test('the mapping refuses no document for a field that it does not know', async (t) => {
  t.equal(mapping.dynamic, false)
})

t.test('the key lets agents create documents in their streams, and nothing else', async (t) => {
  const { tidewatch } = json('api-key.json').role_descriptors
  t.strictSame(tidewatch, {
    cluster: [],
    indices: [
      {
        names: ['logs-tidewatch.alert-*', 'metrics-tidewatch.health-*'],
        privileges: ['create_doc', 'auto_configure'],
      },
    ],
  })
})

t.test(
  'the transform reads fields that are there, and its index has room for what it writes',
  async (t) => {
    const { pivot, source, dest, retention_policy: retention } = json('transform-destinations.json')
    const target = json('index-template-destinations.json')
    t.ok(matches(target.index_patterns[0], dest.index))
    const index = target.template.mappings.properties as Record<string, MappedField>
    const typeOf = (properties: Record<string, MappedField>, name: string) => {
      const type = fieldOf(properties, name)?.type
      t.ok(type, name)
      return type
    }
    t.ok(matches(source.index[0], output?.dataStream ?? ''))
    for (const [name, { terms }] of Object.entries<{ terms: { field: string } }>(pivot.group_by)) {
      t.equal(typeOf(index, name), typeOf(mapping.properties, terms.field))
    }
    for (const [name, agg] of Object.entries<
      Record<string, { field?: string; metrics?: { field: string }[] }>
    >(pivot.aggregations)) {
      const [[kind, { field, metrics = [] }] = ['', {}]] = Object.entries(agg)
      if (field !== undefined) typeOf(mapping.properties, field)
      if (kind === 'cardinality') t.equal(typeOf(index, name), 'long')
      if (kind === 'min' || kind === 'max') {
        t.equal(typeOf(index, name), typeOf(mapping.properties, field ?? ''))
      }
      for (const metric of metrics) typeOf(index, `${name}.${metric.field}`)
    }
    typeOf(index, retention.time.field)
  },
)

t.test('each detection rule asks for fields that are there', async (t) => {
  const rules = read('detection-rules.ndjson')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.equal(new Set(rules.map(({ rule_id }) => rule_id)).size, rules.length)
  for (const rule of rules) {
    const fields = [
      ...[...rule.query.matchAll(/([\w.]+) :/g)].map(([, name]) => name),
      ...(rule.threshold?.field ?? []),
      ...(rule.threshold?.cardinality ?? []).map(({ field }: { field: string }) => field),
      ...(rule.alert_suppression?.group_by ?? []),
      ...[...rule.severity_mapping, ...rule.risk_score_mapping].map(({ field }) => field),
    ]
    t.ok(fields.length > 0)
    for (const field of fields)
      t.ok(fieldOf(mapping.properties, field)?.type, `${rule.name}: ${field}`)
    t.match(rule, { enabled: false, severity: /./, risk_score: Number, threat: [{ tactic: {} }] })
  }
})
