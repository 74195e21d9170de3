/**
 * The software bill of materials of one executable, in CycloneDX 1.6: Node, the native modules and each
 * package of which code is in the bundle, with the digest of the package that it came from. A package
 * that is only installed for development, or left out by the bundler, is not in it. No time and no
 * serial number: the same sources give the same bytes.
 * @see https://cyclonedx.org/docs/1.6/json/
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Contrib, Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library'
import type { Executable } from './executable.ts'
import { lockedPackage } from './npm-package.ts'

const root = join(import.meta.dirname, '..')
/** What no list of licenses knows, such as `MIT OR Apache-2.0`, is an expression where it has operators. */
const licenses = new Contrib.License.Factories.LicenseFactory((text) =>
  / (?:AND|OR|WITH) /.test(text),
)

/** @returns JSON, with a line feed at its end */
export function sbomOf({ target, version, bundle }: Executable): string {
  const bom = new Models.Bom()
  const agent = new Models.Component(Enums.ComponentType.Application, 'tidewatch', {
    ...{ version, bomRef: 'tidewatch', licenses: licensed(readManifest('.').license) },
  })
  bom.metadata.component = agent
  const names = [target.nodePackage, target.koffiPackage, ...packagesOf(bundle.sources)]
  for (const name of names) {
    const component = componentOf(name)
    bom.components.add(component)
    agent.dependencies.add(component.bomRef)
  }
  const spec = Spec.Spec1dot6
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(spec))
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`
}

/** The packages that these files are of; better-sqlite3 brings its native module itself. */
export function packagesOf(sources: readonly string[]): string[] {
  const names = sources.flatMap((path) => {
    const inside = path.split('node_modules/').at(-1)
    if (inside === undefined || inside === path) return []
    const [scope = '', name = ''] = inside.split('/')
    return scope.startsWith('@') ? `${scope}/${name}` : scope
  })
  return [...new Set(names)].sort()
}

function componentOf(name: string): Models.Component {
  const { version, integrity, license } = lockedPackage(name)
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`
  const sha512 = Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex')
  return new Models.Component(Enums.ComponentType.Library, name, {
    ...{ version, purl, bomRef: purl },
    licenses: licensed(license),
    hashes: new Models.HashDictionary([[Enums.HashAlgorithm['SHA-512'], sha512]]),
  })
}

const licensed = (license: string | undefined): Models.LicenseRepository =>
  new Models.LicenseRepository(license === undefined ? [] : [licenses.makeFromString(license)])

const readManifest = (folder: string): { license?: string } =>
  JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
