import t from 'tap'
import {
  applyDirective,
  bareHeaderLayout,
  DEFAULT_LAYOUT,
  fieldName,
  logKind,
} from '../../../platform/recordings/zeek-layout.ts'

const after = (...lines: string[]) => lines.reduce(applyDirective, DEFAULT_LAYOUT)

t.test('reads what Zeek writes by default', async (t) => {
  const layout = after(
    '#separator \\x09',
    '#set_separator\t,',
    '#empty_field\t(empty)',
    '#unset_field\t-',
    '#path\tconn',
    '#fields\tts\tuid',
    '#types\ttime\tstring',
    '#close\t2026-11-24-00-00-00',
  )
  t.strictSame(layout, { ...DEFAULT_LAYOUT, columns: ['ts', 'uid'] })
})

t.test('a comma may separate fields and the members of a set alike', async (t) => {
  const layout = after('#separator ,', '#set_separator,,', '#unset_field,NULL', '#fields,ts,uid')
  t.match(layout, {
    separator: ',',
    setSeparator: ',',
    unsetField: 'NULL',
    columns: ['ts', 'uid'],
  })
})

t.test('the header of the next log forgets the one before', async (t) => {
  t.strictSame(after('#separator ,', '#unset_field,?', '#fields,ts', '#separator \\x09'), {
    ...DEFAULT_LAYOUT,
    separator: '\t',
  })
})

t.test('a header without marks is told by its names', async (t) => {
  t.match(bareHeaderLayout('ts\tuid\tid.orig_h'), { separator: '\t', columns: ['ts', 'uid'] })
  t.match(bareHeaderLayout('uid,id_orig_h,ts'), { separator: ',' })
  t.equal(bareHeaderLayout('1700000000.0\tCAbc1\t10.0.0.5'), undefined)
  t.equal(bareHeaderLayout('Lorem ipsum, ts, dolor'), undefined)
})

t.test('the columns tell the kind of log', async (t) => {
  const kind = (...names: string[]) => logKind((name) => names.includes(name))
  const id = ['id.orig_h', 'id.resp_h', 'id.resp_p']
  t.equal(kind(...id, 'proto', 'orig_bytes'), 'connections')
  t.equal(kind(...id, 'proto', 'conn_state'), 'connections')
  t.equal(kind(...id, 'proto', 'query', 'answers'), 'names')
  t.equal(kind(...id, 'method', 'uri'), 'other', 'http.log')
  t.equal(kind('ts', 'level', 'message'), 'other', 'reporter.log')
})

t.test('spellings of a name', async (t) => {
  t.equal(fieldName('id_orig_h'), 'id.orig_h')
  t.equal(fieldName('orig_bytes'), 'orig_bytes')
})
