import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { runAgent } from '../../support/command-context.ts'
import { NOW_MS } from '../../support/status.ts'

async function keyIn(t: Test) {
  const folder = t.testdir({ 'allow.yml': 'detect:\n  destIpAllowlist: [192.0.2.7]\n' })
  const [key, config, bundle] = ['fleet.key', 'allow.yml', '7.json'].map((it) => join(folder, it))
  const made = await runAgent(['fleet', 'keygen', key ?? ''])
  const publicKey = /publicKeys: \[(.+)\]/.exec(made.output)?.[1] ?? ''
  return { key: key ?? '', config: config ?? '', bundle: bundle ?? '', publicKey }
}

t.test('a key, a bundle signed with it, and what it says', async (t) => {
  const { key, config, bundle, publicKey } = await keyIn(t)
  t.equal(statSync(key).mode & 0o777, 0o600)
  const signed = await runAgent([
    ...[
      'fleet',
      'sign',
      '--key',
      key,
      '--bundle-version',
      '7',
      '--expires',
      '2d',
      '--percent',
      '10',
    ],
    ...['--host', 'web-*', '--host', 'db-1', '--label', 'env=prod', '--os', 'linux', config],
  ])
  t.equal(signed.exitCode, 0, signed.complaint)
  t.equal(signed.output.split('\n').length, 2, 'is one line')
  writeFileSync(bundle, signed.output)
  const read = await runAgent(['fleet', 'verify', '--public-key', publicKey, '--json', bundle])
  t.strictSame(JSON.parse(read.output), [
    {
      version: 7,
      expires: new Date(NOW_MS + 2 * 86_400_000).toISOString(),
      target: { hosts: ['web-*', 'db-1'], labels: ['env=prod'], os: ['linux'], percent: 10 },
      config: readFileSync(config, 'utf8'),
    },
  ])
  const told = await runAgent(['fleet', 'verify', '--public-key', publicKey, bundle])
  t.match(told.output, /^version 7, signed by [0-9a-f]{16}, to be taken until 2026/)
  t.match(told.output, 'destIpAllowlist: [192.0.2.7]')
})

t.test('a bundle of another key, or changed, is not good', async (t) => {
  const { key, config, bundle, publicKey } = await keyIn(t)
  const { output } = await runAgent([
    'fleet',
    'sign',
    '--key',
    key,
    '--bundle-version',
    '7',
    config,
  ])
  writeFileSync(bundle, output)
  const other = Buffer.alloc(32, 3).toString('base64')
  const wrong = await runAgent(['fleet', 'verify', '--public-key', other, bundle])
  t.match(wrong, { exitCode: 70, complaint: /7\.json: not signed by a pinned key/ })
  writeFileSync(bundle, readFileSync(config))
  const bare = await runAgent(['fleet', 'verify', '--public-key', publicKey, bundle])
  t.match(bare, { exitCode: 70, complaint: /unsigned/ })
  writeFileSync(bundle, '')
  t.match(await runAgent(['fleet', 'verify', '--public-key', publicKey, bundle]), { exitCode: 70 })
})

t.test('what no host would take is not signed', async (t) => {
  const { key, config } = await keyIn(t)
  const sign = (...more: string[]) =>
    runAgent(['fleet', 'sign', '--key', key, '--bundle-version', '7', ...more, config])
  writeFileSync(config, 'detect:\n  minScore: 7\n')
  t.match(await sign(), { exitCode: 78, complaint: /allow\.yml:2:13: detect\.minScore: must be/ })
  writeFileSync(config, 'fleet: { url: https://elsewhere }\n')
  t.match(await sign(), { exitCode: 78, complaint: /only this host's own file/ })
  writeFileSync(config, '')
  t.match(await sign('--percent', '500'), { exitCode: 70, complaint: /percent/ })
  t.match(await sign('--label', 'prod'), { exitCode: 70, complaint: /name=value/ })
  t.match(await sign('--bundle-version', '0'), { exitCode: 64 })
  t.match(await sign('--expires', 'soon'), { exitCode: 64 })
  t.match(await sign('--key', config), { exitCode: 70, complaint: /no private key/ })
  t.match(await sign('--key', '/nonexistent'), {
    exitCode: 70,
    complaint: /nonexistent: is not there/,
  })
})

t.test('a key is never written over another', async (t) => {
  const { key } = await keyIn(t)
  const before = readFileSync(key, 'utf8')
  t.match(await runAgent(['fleet', 'keygen', key]), { exitCode: 70, complaint: /is there already/ })
  t.equal(readFileSync(key, 'utf8'), before)
})
