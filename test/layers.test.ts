/**
 * The architecture, as a table: what each folder may import from outside itself. Change the table in
 * the same commit as the import, and say why.
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import t from 'tap'

/** The first row that a file's path starts with is its layer: the narrower rows come first. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  'platform/shared/': ['platform/', 'node:'],
  'platform/linux/': ['platform/'],
  'platform/windows/': ['platform/'],
  'platform/macos/': ['platform/'],
  'platform/recordings/': ['platform/', 'node:zlib', 'node:stream', 'node:fs'],
  'platform/': ['ipaddr.js', 'croner'],
  'storage/': ['platform/event.ts', 'platform/errors.ts', 'node:', 'better-sqlite3'],
  'agent/correlate/': ['platform/', 'storage/series.ts', 'node:crypto'],
  'agent/detect/': [
    'platform/',
    'storage/series.ts',
    'agent/correlate/transfer.ts',
    'croner',
    'ipaddr.js',
  ],
  // Recordings stand where the live collectors stand, so that this stage reads them itself.
  'agent/hunt/': [
    'platform/',
    'storage/series.ts',
    'agent/detect/',
    'agent/correlate/',
    'agent/safe-json.ts',
    'ipaddr.js',
  ],
  'agent/alert/': [
    'platform/',
    'storage/',
    'agent/detect/',
    'agent/correlate/transfer.ts',
    'node:crypto',
  ],
  // It tells its own part of the status, in the words of that type.
  'agent/ship/': ['platform/', 'storage/', 'agent/control/status.ts', 'node:', 'undici'],
  // It reads and lays out configuration, and talks to its server as outputs do to theirs.
  'agent/fleet/': [
    'platform/',
    'agent/config/',
    'agent/control/status.ts',
    'agent/reconfigure.ts',
    'agent/alert/host-facts.ts',
    'agent/ship/',
    'node:',
    'undici',
    'zod',
    '@elastic/opamp-client-node',
    '@bufbuild/protobuf',
  ],
  // Builds what is installed: its own words for its errors, and nothing that runs on the host.
  // What an installer writes and the agent's own commands write is said once, in agent/service/.
  'packaging/': [
    ...['platform/errors.ts', 'agent/service/', 'node:', 'esbuild'],
    '@cyclonedx/cyclonedx-library',
  ],
  'agent/config/': ['platform/', 'node:', 'zod', 'yaml', 'ipaddr.js'],
  'agent/control/': ['platform/', 'storage/', 'agent/', 'node:'],
  'agent/report/': [
    'platform/',
    'storage/',
    'agent/',
    'node:util',
    'node:crypto',
    'yaml',
    // The report's plots are drawn here, in a document that is only memory.
    '@observablehq/plot',
    'linkedom',
    'pino',
    '@elastic/ecs-pino-format',
  ],
  // What is asked of this host is handed in: the checks run anywhere.
  'agent/doctor/': [
    'agent/control/status.ts',
    'agent/report/text.ts',
    'agent/ship/check-output.ts',
  ],
  // The service manager of Windows is a library of the system.
  'agent/service/': ['platform/', 'agent/control/', 'node:', 'koffi', 'yaml'],
  'agent/commands/': ['platform/', 'storage/', 'agent/', 'node:', 'commander'],
  'agent/': [
    'platform/',
    'storage/',
    'agent/',
    'node:',
    'commander',
    'node-cron',
    'systeminformation',
    'pino',
    '@elastic/ecs-pino-format',
  ],
}
/** An operating system's folder never knows another one, nor the recordings. */
const NEVER: Record<string, RegExp> = {
  'platform/linux/': /^platform\/(windows|macos|recordings)\//,
  'platform/windows/': /^platform\/(linux|macos|recordings)\//,
  'platform/macos/': /^platform\/(windows|linux|recordings)\//,
  'platform/shared/': /^platform\/(linux|windows|macos|recordings)\//,
}
/** The only files of an operating system that touch the machine; all others run on any. */
const COLLECTOR = /^platform\/.*-collector\.ts$|^platform\/[a-z]+\/index\.ts$/
/** Where time, chance and the environment come from. */
const ROOTS =
  /^agent\/(main|sensor|clock)\.ts$|^agent\/commands\/|^packaging\/|^platform\/host\.ts$|^platform\/shared\/tail\.ts$/
const AMBIENT =
  /\b(Date\.now\(|new Date\(\)|Math\.random\(|process\.(env|argv|platform)|setTimeout\()/
const MAX_LINES = 250
/** A list of panels, read by the panel. */
const LONG = /^packaging\/elastic\/dashboards\.ts$/
/** Only types, or a list of others: nothing to test by itself. What builds is tested by what it built. */
const UNTESTED =
  /^platform\/(event|collector|parsed|errors)\.ts$|\/index\.ts$|^platform\/windows\/windows-record\.ts$|^storage\/(series|alert|store)\.ts$|^agent\/correlate\/transfer\.ts$|^agent\/hunt\/(recorded-series|formats\/format)\.ts$|^agent\/detect\/assessment\.ts$|^agent\/(control\/status|fleet\/source)\.ts$|^agent\/alert\/(alert-input|host-facts)\.ts$|^agent\/(main|analyst)\.ts$|^packaging\/executable\.ts$/

/** What a file imports: a line that begins or ends an import, or a call. */
const IMPORT = /^(?:import|export|\}).*? from '([^']+)'$|^import '([^']+)'$|\bimport\('([^']+)'\)/gm
const importsOf = (text: string): string[] =>
  [...text.matchAll(IMPORT)].map((match) => match.slice(1).find(Boolean) ?? '')

const layerOf = (file: string): string | undefined =>
  Object.keys(MAY_IMPORT).find((layer) => file.startsWith(layer))
const sources = globSync('{agent,platform,storage,packaging}/**/*.ts').map((file) =>
  file.replaceAll('\\', '/'),
)

for (const file of sources) {
  t.test(file, async (t) => {
    const layer = layerOf(file) ?? ''
    const text = readFileSync(file, 'utf8')
    const isCollector = COLLECTOR.test(file)
    const may = [layer, ...(MAY_IMPORT[layer] ?? []), ...(isCollector ? ['node:', 'koffi'] : [])]
    for (const specifier of importsOf(text)) {
      const target = specifier.startsWith('.') ? join(dirname(file), specifier) : specifier
      t.ok(
        may.some((prefix) => target.startsWith(prefix)),
        `may import ${target}`,
      )
      t.notMatch(target, NEVER[layer] ?? /^$/, `is apart from ${target}`)
      t.not(target, 'agent/main.ts', 'nothing imports main')
      if (!isCollector) t.notMatch(target, /-collector\.ts$/, 'a pure file knows no collector')
    }
    if (!isCollector && !ROOTS.test(file)) {
      t.notMatch(text, AMBIENT, 'is handed time, chance and environment')
    }
    const fits = text.split('\n').length <= MAX_LINES || LONG.test(file)
    t.ok(fits, 'fits in one reading')
    const test = `test/${file.replace(/\.ts$/, '.test.ts')}`
    t.ok(existsSync(test) || UNTESTED.test(file), `is tested by ${test}`)
  })
}

t.test('every row of the table is about a folder that exists', async (t) => {
  for (const layer of Object.keys(MAY_IMPORT)) t.ok(sources.map(layerOf).includes(layer), layer)
})
