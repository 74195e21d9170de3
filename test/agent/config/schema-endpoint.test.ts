import t from 'tap'
import { z } from 'zod'
import {
  plainUrl,
  TLS_RULES,
  tlsSettings,
  withRules,
} from '../../../agent/config/schema-endpoint.ts'

const group = withRules(z.strictObject({ url: plainUrl.optional(), ...tlsSettings }), TLS_RULES)
const pin = `sha256//${Buffer.alloc(32).toString('base64')}`

t.test('a URL is plain, and its rules hold together', async (t) => {
  for (const good of [
    { url: 'https://a.example.org:8443/x?y=1', pinnedKeys: [pin] },
    { clientCertFile: '/a', clientKeyFile: '/b' },
    {},
  ]) {
    t.ok(group.safeParse(good).success, JSON.stringify(good))
  }
  for (const [bad, reason] of [
    [{ url: 'https://me:secret@x/' }, /without a user name/],
    [{ url: 'ftp://x/' }, /http/],
    [{ clientCertFile: '/a' }, /belong together/],
    [{ url: 'http://x/', pinnedKeys: [pin] }, /https/],
    [{ pinnedKeys: ['sha256//short'] }, /44 characters/],
    [{ caFile: 'relative' }, /absolute/],
  ] as const) {
    t.match(group.safeParse(bad).error?.issues[0]?.message, reason, JSON.stringify(bad))
  }
})
