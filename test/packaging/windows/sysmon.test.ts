/** The Sysmon configuration that is shipped: it logs what the sensor reads, and says why. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { childOf, parseXml, type XmlElement } from '../../../platform/shared/xml.ts'
import { recordings, withoutRecordings } from '../../support/recordings.ts'
import { type LogRecord, recordedLog } from '../../support/windows-log.ts'

const file = join(import.meta.dirname, '../../../packaging/windows/sysmon.xml')
const text = readFileSync(file, 'utf8')
const document = parseXml(text)
if (!document.ok) throw new Error(document.reason)
const groups = childOf(document.value, 'EventFiltering')?.children ?? []
const sections = groups.flatMap(({ children }) => children)
const section = (name: string): XmlElement =>
  sections.find((one) => one.name === name) as XmlElement

t.test('what the sensor reads is logged, and nothing else', async (t) => {
  const named = (onmatch: string) =>
    sections.flatMap(({ name, attributes }) =>
      attributes.get('onmatch') === onmatch ? [name] : [],
    )
  t.strictSame(named('exclude'), [
    'ProcessCreate',
    'ProcessTerminate',
    'NetworkConnect',
    'DnsQuery',
  ])
  for (const { name, attributes, children } of sections) {
    if (attributes.get('onmatch') === 'include') t.equal(children.length, 0, `${name} is off`)
  }
})

t.test('each rule has its reason before it', async (t) => {
  const rules = [...sections, ...sections.flatMap(({ children }) => children)]
  for (const { name, from } of rules) {
    t.match(text.slice(0, from), /\S\s*-->\s*$/, `${name} at ${from}`)
  }
})

/** Sysmon's conditions, as far as they are used here. */
function matches({ name, attributes, text, children }: XmlElement, { fields }: LogRecord): boolean {
  if (name === 'Rule') return children.every((child) => matches(child, { fields } as LogRecord))
  const value = (fields[name] ?? '').toLowerCase()
  const wanted = text.toLowerCase()
  switch (attributes.get('condition')) {
    case 'is':
      return value === wanted
    case 'is any':
      return wanted.split(';').includes(value)
    case 'begin with':
      return value.startsWith(wanted)
    case 'end with':
      return value.endsWith(wanted)
    default:
      throw new Error(`a condition that this test does not know: ${attributes.get('condition')}`)
  }
}

t.test(
  'on recorded hosts it leaves the connections of programs',
  { skip: withoutRecordings },
  async (t) => {
    const rules = section('NetworkConnect').children
    const connections = recordings('windows-evtx/')
      .filter(({ path }) => path.endsWith('.evtx'))
      .flatMap(({ path }) => recordedLog(path))
      .filter(({ eventId, provider }) => eventId === 3 && /sysmon/i.test(provider))
    const kept = connections.filter((one) => !rules.some((rule) => matches(rule, one)))
    t.ok(kept.every(({ fields }) => fields['Initiated'] === 'true'))
    const programs = new Set(kept.map(({ fields }) => fields['Image']?.split('\\').at(-1)))
    for (const program of ['wscript.exe', 'mshta.exe', 'WMIC.exe'])
      t.ok(programs.has(program), program)
    t.ok(kept.length < connections.length, `${kept.length} of ${connections.length}`)
  },
)
