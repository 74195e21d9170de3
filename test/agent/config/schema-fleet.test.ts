import t from 'tap'
import { fleet, local, locked } from '../../../agent/config/schema-fleet.ts'

const key = Buffer.alloc(32, 7).toString('base64')

t.test('by default there is no fleet', async (t) => {
  t.match(fleet.parse({}), { url: undefined, protocol: 'opamp', publicKeys: [] })
  t.strictSame([locked.parse(undefined), local.parse(undefined)], [[], { labels: [] }])
})

t.test('a key is one of ed25519, in base64', async (t) => {
  t.ok(fleet.safeParse({ publicKeys: [key] }).success)
  for (const bad of [key.slice(1), '/etc/tidewatch/key', `${key}=`]) {
    t.match(fleet.safeParse({ publicKeys: [bad] }).error?.issues[0]?.message, /ed25519/, bad)
  }
})

t.test('labels are name=value', async (t) => {
  t.ok(local.safeParse({ labels: ['env=prod'] }).success)
  t.match(local.safeParse({ labels: ['prod'] }).error?.issues[0]?.message, /name=value/)
})
