/**
 * A flat macOS installer package: `Distribution` says what the installer shows and on which Macs it may
 * run, and inside lies one component with its bill of materials, files and scripts.
 *
 * https://developer.apple.com/library/archive/documentation/DeveloperTools/Reference/DistributionDefinitionRef/
 */
import { execFileSync } from 'node:child_process'
import { bom } from './bom.ts'
import { cpio } from './cpio.ts'
import type { TreeEntry } from './package-tree.ts'
import { xar } from './xar.ts'
import { xmlText } from './xml-text.ts'

export interface FlatPackage {
  /** Reverse domain name: what `pkgutil` calls the package. */
  readonly identifier: string
  readonly version: string
  readonly title: string
  /** Only on this processor does the installer run. */
  readonly architecture: 'arm64' | 'x86_64'
  /** As in `13.5`. */
  readonly leastMacos: string
  /** What is installed, from `/` on. */
  readonly files: readonly TreeEntry[]
  /** `preinstall` and `postinstall`, and what they need. */
  readonly scripts: readonly TreeEntry[]
  readonly createdSeconds: number
}

const DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'

export function flatPackage(it: FlatPackage): Buffer {
  const component = `${it.identifier}.pkg`
  const archive = (entries: readonly TreeEntry[]) => gzip(cpio(entries))
  const entries = [
    { name: 'Distribution', contents: Buffer.from(distribution(it, component)) },
    {
      name: component,
      children: [
        { name: 'Bom', contents: bom(it.files) },
        { name: 'PackageInfo', contents: Buffer.from(packageInfo(it)) },
        { name: 'Payload', contents: archive(it.files) },
        { name: 'Scripts', contents: archive(it.scripts) },
      ],
    },
  ]
  return xar(entries, it.createdSeconds)
}

/** By the program, which packs a fortieth smaller than Node's own zlib. Without name and time. */
const gzip = (bytes: Buffer): Buffer =>
  execFileSync('gzip', ['-9n'], { input: bytes, maxBuffer: bytes.length + 65_536 })

/** What the files take on disk. */
const kilobytes = ({ files }: FlatPackage): number =>
  Math.ceil(files.reduce((bytes, { contents }) => bytes + contents.length, 0) / 1024)

function packageInfo(it: FlatPackage): string {
  const scripts = ['preinstall', 'postinstall']
    .filter((name) => it.scripts.some(({ path }) => path === `./${name}`))
    .map((name) => `    <${name} file="./${name}"/>`)
  return [
    DECLARATION,
    `<pkg-info format-version="2" identifier="${xmlText(it.identifier)}" version="${xmlText(it.version)}" install-location="/" auth="root" overwrite-permissions="false" relocatable="false" postinstall-action="none">`,
    `  <payload numberOfFiles="${it.files.length}" installKBytes="${kilobytes(it)}"/>`,
    '  <scripts>',
    ...scripts,
    '  </scripts>',
    '</pkg-info>',
    '',
  ].join('\n')
}

function distribution(it: FlatPackage, component: string): string {
  const id = xmlText(it.identifier)
  return [
    DECLARATION,
    '<installer-gui-script minSpecVersion="2">',
    `  <title>${xmlText(it.title)}</title>`,
    `  <options customize="never" require-scripts="false" rootVolumeOnly="true" hostArchitectures="${it.architecture}"/>`,
    '  <domains enable_localSystem="true"/>',
    `  <volume-check><allowed-os-versions><os-version min="${xmlText(it.leastMacos)}"/></allowed-os-versions></volume-check>`,
    `  <choices-outline><line choice="${id}"/></choices-outline>`,
    `  <choice id="${id}" visible="false"><pkg-ref id="${id}"/></choice>`,
    `  <pkg-ref id="${id}" version="${xmlText(it.version)}" onConclusion="none" installKBytes="${kilobytes(it)}">#${xmlText(component)}</pkg-ref>`,
    '</installer-gui-script>',
    '',
  ].join('\n')
}
