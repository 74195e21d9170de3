import t from 'tap'
import { KNOWN_TRAFFIC } from '../../../agent/detect/known-traffic-table.ts'

t.test('each row has a name of its own and a reason', async (t) => {
  t.equal(new Set(KNOWN_TRAFFIC.map(({ name }) => name)).size, KNOWN_TRAFFIC.length)
  for (const { name, reason } of KNOWN_TRAFFIC) t.match(reason, /^[A-Z].{10,}[^.]$/, name)
})

t.test('programs are full paths, since anyone may call a file chronyd', async (t) => {
  for (const actor of KNOWN_TRAFFIC.flatMap(({ actors = [] }) => actors)) {
    t.match(actor, /^(?:\/|C:\/)/, actor)
    t.notMatch(actor, /[{}]/, 'braces are expanded')
    t.notMatch(actor, /^\/(?:\*|tmp|home|var\/tmp)/, 'no folder that anyone may write')
  }
})
