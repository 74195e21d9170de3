import { build } from 'plist'
import t from 'tap'
import { macosPlist } from '../../../../agent/hunt/formats/macos-plist.ts'
import { readFormat } from '../../../support/read-format.ts'

const text = build({ Label: 'com.x.up', Program: '/opt/up', StartInterval: 900 })
const agents = 'ev/mac1/Users/ann/Library/LaunchAgents'

t.test('a definition, as of its path within the host', async (t) => {
  const { events, counts } = readFormat(macosPlist, text, { path: `${agents}/com.x.up.plist` })
  t.match(events, [
    {
      host: '',
      event: {
        ...{ kind: 'schedule-change', change: 'found', atMs: 0 },
        schedule: {
          ...{ id: 'com.x.up', scheduler: 'launchd', trigger: 'StartInterval=900' },
          file: '/Users/ann/Library/LaunchAgents/com.x.up.plist',
          user: { name: 'ann' },
        },
      },
    },
  ])
  t.match(counts, { rows: 1, ignored: 0, malformed: 0 })
})

t.test('one that was cut is told, wherever it lies', async (t) => {
  for (const path of ['x.plist', `${agents}/x.plist`]) {
    const { events, counts, faults } = readFormat(macosPlist, text.slice(0, -20), { path })
    t.strictSame([events.length, counts.malformed], [0, 1])
    t.match(faults, [{ line: 1, reason: /x\.plist: .*cut off/ }])
  }
})

t.test('a list of something else is a fault in launchd’s folders only', async (t) => {
  const other = build({ CFBundleName: 'x' })
  t.match(readFormat(macosPlist, other, { path: 'Info.plist' }).counts, { ignored: 1 })
  const { faults } = readFormat(macosPlist, other, { path: `${agents}/Info.plist` })
  t.match(faults, [{ reason: /LaunchAgents\/Info\.plist: no job: no Label/ }])
})

t.test('what is too large is none', async (t) => {
  const { refusal, counts } = readFormat(macosPlist, text + ' '.repeat(1 << 20))
  t.match(refusal, /larger than 1 MiB/)
  t.equal(counts.rows, 0)
})
