/**
 * Every document that the agent can emit, against the two things that read it: Elastic's own list of
 * ECS fields, and the index template. A field that ECS does not have, a type that the template would
 * refuse, or a field that it would not index fails here.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EcsFlat } from '@elastic/ecs'
import fc from 'fast-check'
import t from 'tap'
import { budgetSummary } from '../../../agent/alert/budget.ts'
import { composeAlert } from '../../../agent/alert/compose.ts'
import { healthDocument } from '../../../agent/health-document.ts'
import {
  arbitraryAlert,
  arbitraryBudget,
  arbitraryHealth,
  arbitraryHost,
} from '../../support/arbitrary-documents.ts'
import { holds } from '../../support/holds.ts'
import { fieldOf, type Mapping, mappingProblems, unmappedFields } from '../../support/mapping.ts'

interface EcsField {
  readonly type: string
  readonly normalize: readonly string[]
  readonly allowed_values?: readonly {
    readonly name: string
    readonly expected_event_types?: readonly string[]
  }[]
  readonly pattern?: string
}
const ECS = EcsFlat as unknown as Readonly<Record<string, EcsField | undefined>>

const root = join(import.meta.dirname, '../../..')
const file = readFileSync(join(root, 'packaging/elastic/component-template.json'), 'utf8')
const mapping = (JSON.parse(file) as { template: { mappings: Mapping } }).template.mappings
/** The one group of fields that is ours. */
const OWN = /^tidewatch\./

/** Values by their dotted names; a list is one value, but for lists of objects. */
function valuesIn(value: object, path = ''): (readonly [string, unknown])[] {
  return Object.entries(value).flatMap(([name, inner]): (readonly [string, unknown])[] => {
    const at = path === '' ? name : `${path}.${name}`
    if (Array.isArray(inner) && typeof inner[0] === 'object') {
      return inner.flatMap((entry: object) => valuesIn(entry, at))
    }
    const isGroup = typeof inner === 'object' && inner !== null && !Array.isArray(inner)
    return isGroup ? valuesIn(inner, at) : [[at, inner]]
  })
}

function ecsProblems(document: object): string[] {
  return valuesIn(document).flatMap(([name, value]) => {
    if (OWN.test(name)) return []
    const field = ECS[name]
    if (field === undefined) return [`${name} is no field of ECS`]
    const isList = field.normalize.includes('array')
    const values: unknown[] = Array.isArray(value) ? value : [value]
    const allowed = field.allowed_values?.map((it) => it.name)
    return [
      ...(Array.isArray(value) === isList
        ? []
        : [`${name} is ${isList ? 'a list' : 'one'} in ECS`]),
      ...values.flatMap((one) => [
        ...(allowed === undefined || allowed.includes(String(one)) ? [] : [`${name}: ${one}`]),
        ...(field.pattern === undefined || new RegExp(field.pattern).test(String(one))
          ? []
          : [`${name}: ${one} is not of the form ${field.pattern}`]),
      ]),
    ]
  })
}

/** ECS has a list of types for each category. */
function categoryProblems({ event }: { event: { category: string[]; type: string[] } }): string[] {
  return event.category.flatMap((category) => {
    const known = ECS['event.category']?.allowed_values?.find(({ name }) => name === category)
    return event.type.filter((type) => !known?.expected_event_types?.includes(type))
  })
}

function isGood(text: string): boolean {
  const document = JSON.parse(text)
  const problems = [
    ...ecsProblems(document),
    ...categoryProblems(document),
    ...mappingProblems(document, mapping),
    ...unmappedFields(document, mapping).map((name) => `${name} is not in the template`),
  ]
  if (problems.length > 0) throw new Error([...new Set(problems)].join('\n'))
  return true
}

t.test('every alert is ECS, and fits the template', async (t) => {
  holds(
    t,
    'alerts',
    fc.property(arbitraryAlert, (input) => isGood(composeAlert(input))),
    {
      numRuns: 300,
    },
  )
})

t.test('every summary of the hourly budget is ECS, and fits the template', async (t) => {
  const summary = fc.property(arbitraryBudget, arbitraryHost, fc.nat(), (budget, host, atMs) =>
    isGood(budgetSummary(budget, host, atMs)?.document ?? ''),
  )
  holds(t, 'summaries', summary)
})

t.test('every report of health is ECS, and fits the template', async (t) => {
  const health = fc.property(arbitraryHealth, (input) => isGood(healthDocument(input).document))
  holds(t, 'reports', health, { numRuns: 300 })
})

t.test('the template gives each field of ECS the type that ECS has', async (t) => {
  const names = namesIn(mapping.properties)
  t.ok(names.length > 100)
  for (const name of names.filter((it) => !OWN.test(it))) {
    t.equal(fieldOf(mapping.properties, name)?.type, ECS[name]?.type, name)
  }
})

t.test('what this test would find', async (t) => {
  const good = { '@timestamp': '2026-01-01T00:00:00.000Z', event: { category: [], type: [] } }
  for (const bad of [
    { message2: 'x' },
    { host: { ip: ['no address'] } },
    { host: { ip: '203.0.113.9' } },
    { event: { kind: 'alarm', category: [], type: [] } },
    { event: { category: ['network'], type: ['deletion'] } },
    { host: { mac: ['02:fc:00:00:00:01'] } },
    { tidewatch: { beats: 'many' } },
    { tidewatch: { unheard_of: 1 } },
  ]) {
    t.throws(() => isGood(JSON.stringify({ ...good, ...bad })), JSON.stringify(bad))
  }
})

function namesIn(properties: Mapping['properties'], path = ''): string[] {
  return Object.entries(properties).flatMap(([name, field]) =>
    field.properties === undefined
      ? [`${path}${name}`]
      : namesIn(field.properties, `${path}${name}.`),
  )
}
