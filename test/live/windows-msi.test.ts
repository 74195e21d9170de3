/**
 * The Windows installer as an administrator rolls it out, under wine 10: silent install with answers,
 * the service by Windows' own service manager, upgrade, refused downgrade, uninstall, and nothing left:
 * no file below C:, and no key or value in HKEY_LOCAL_MACHINE.
 *
 * Wine's Windows Installer neither waits for a service that stops nor applies permissions and
 * recovery: here the service is stopped by hand first, and those tables are read by the unit test.
 */
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { buildExecutable } from '../../packaging/executable.ts'
import { targetOf } from '../../packaging/targets.ts'
import { buildMsi } from '../../packaging/windows/msi.ts'
import { until } from '../support/until.ts'
import { startWine, type Wine, withoutWine } from '../support/wine.ts'

const MINUTE_MS = 60_000
/** As Windows tells sizes, in MiB. */
const MAX_INSTALLER_BYTES = 45 * 1024 * 1024
const AGENT = 'C:\\Program Files\\Tidewatch\\tidewatch.exe'
const SECRET = 'id:not-for-the-log'
const skip = withoutWine() || (!existsSync('/usr/bin/wixl') && 'not installed: wixl, msitools')

t.setTimeout(12 * MINUTE_MS)

t.test('is installed, runs, is upgraded and leaves nothing', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tidewatch-msi-'))
  let wine: Wine | undefined
  t.teardown(async () => {
    await wine?.close()
    rmSync(folder, { recursive: true, force: true })
  })
  for (const version of ['0.1.0', '0.2.0']) {
    const output = await build(version, folder)
    t.ok(statSync(output).size <= MAX_INSTALLER_BYTES, `${statSync(output).size} bytes`)
  }
  wine = await startWine({
    folder: join(folder, 'wine'),
    mounts: { msi: join(folder, 'msi'), executables: join(folder, 'executables') },
  })
  const host = hostOf(wine)
  const before = await host.everything()

  await host.msiexec(['/i', '0.1.0'], ['SHIP_URL=https://127.0.0.1:9', `SHIP_API_KEY=${SECRET}`])
  await host.running('0.1.0')
  t.match(await host.said('sc', 'query', 'Tidewatch'), /STATE\s*: 4 {2}RUNNING/)
  const config = join(host.programData, 'agent.yml')
  const secret = 'C:\\ProgramData\\Tidewatch\\ship-api-key'
  t.match(
    readFileSync(config, 'utf8'),
    `ship:\n  url: https://127.0.0.1:9\n  apiKeyFile: ${secret}`,
  )
  t.equal(readFileSync(join(host.programData, 'ship-api-key'), 'utf8'), `${SECRET}\n`)
  t.notOk(existsSync(join(host.programData, 'install.ini')), 'the answers were taken over')
  t.match(await host.said('reg', 'query', EVENT_SOURCE), /EventMessageFile.*EventCreate\.exe/)
  t.match(await host.said('reg', 'query', ENVIRONMENT, '/v', 'PATH'), /Program Files\\Tidewatch/)

  t.comment('upgrade keeps what the administrator wrote, and the database')
  await host.stopped()
  appendFileSync(config, '# kept\n')
  const firstStart = firstStartOf(host.programData)
  t.match(firstStart, /^\d+$/)
  await host.msiexec(['/i', '0.2.0'])
  await host.running('0.2.0')
  t.match(readFileSync(config, 'utf8'), /apiKeyFile: .*\n# kept\n$/)
  await t.rejects(host.msiexec(['/i', '0.1.0']), 'an older version is refused')
  await host.running('0.2.0')
  await host.stopped()
  t.equal(firstStartOf(host.programData), firstStart, 'the same database')

  t.comment('uninstall leaves configuration and data alone, and nothing else')
  await host.msiexec(['/x', '0.2.0'])
  const kept = await host.everything()
  t.strictSame([...kept.files].filter((path) => !before.files.has(path)).sort(), [
    ...['ProgramData/Tidewatch', 'ProgramData/Tidewatch/agent.yml', 'ProgramData/Tidewatch/data'],
    'ProgramData/Tidewatch/data/tidewatch.db',
    'ProgramData/Tidewatch/data/tidewatch.lock',
    'ProgramData/Tidewatch/ship-api-key',
  ])
  t.strictSame(changes(before.registry, kept.registry), [])

  t.comment('by choice the data goes too')
  await host.msiexec(['/i', '0.2.0'])
  await host.running('0.2.0')
  await host.stopped()
  await host.msiexec(['/x', '0.2.0'], ['REMOVE_DATA=1'])
  const after = await host.everything()
  t.strictSame(after.files, before.files)
  t.strictSame(changes(before.registry, after.registry), [])

  t.comment('without the installer: agent service')
  const agent = 'Z:\\mnt\\executables\\tidewatch.exe'
  const service = (word: string) => host.said(agent, 'service', word)
  t.match(await service('install'), /is installed/)
  t.match(await service('start'), /is started/)
  t.match(await service('status'), /Windows service Tidewatch runs/)
  t.match(await host.said('sc', 'query', 'Tidewatch'), /STATE\s*: 4 {2}RUNNING/)
  t.match(await service('stop'), /is stopped/)
  t.match(await service('uninstall'), /is removed/)
  t.strictSame(changes(before.registry, (await host.everything()).registry), [])
})

const ENVIRONMENT = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment'
const EVENT_SOURCE = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\Tidewatch'

async function build(version: string, folder: string): Promise<string> {
  const executables = join(folder, 'executables')
  const work = join(folder, 'work')
  const options = { folder: executables, work, version }
  await buildExecutable(targetOf('win32-x64'), options)
  mkdirSync(join(folder, 'msi'), { recursive: true })
  const output = join(folder, 'msi', `${version}.msi`)
  buildMsi({ executables, work, version, builtSeconds: 1_790_000_000, output })
  return output
}

/** Temporary files, and the folder in which Windows keeps installers, once it has had one. */
const WINDOWS_OWN = /\/temp(\/|$)|^windows\/Installer$/i

interface Everything {
  /** Below C:, without Windows' own temporary files. */
  readonly files: ReadonlySet<string>
  /** All of HKEY_LOCAL_MACHINE, as `reg export` writes it. */
  readonly registry: string
}

function hostOf(wine: Wine) {
  const said = (...command: string[]): Promise<string> => wine.run(command)

  async function everything(): Promise<Everything> {
    await said('reg', 'export', 'HKLM', 'C:\\export.reg', '/y')
    const exported = join(wine.driveC, 'export.reg')
    const registry = readFileSync(exported, 'utf16le')
    rmSync(exported)
    const found = execFileSync('find', ['.', '-printf', '%P\\n'], {
      ...{ cwd: wine.driveC, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
    })
    const files = found.split('\n').filter((path) => !WINDOWS_OWN.test(path))
    return { files: new Set(files), registry }
  }

  return {
    programData: join(wine.driveC, 'ProgramData', 'Tidewatch'),
    ...{ said, everything },
    msiexec: ([action, version]: [string, string], properties: readonly string[] = []) =>
      said('msiexec', action, `Z:\\mnt\\msi\\${version}.msi`, '/qn', ...properties),
    /** Until the service answers for itself: degraded, since wine has no event log. */
    running: (version: string) =>
      until(
        `version ${version} runs`,
        async () => {
          const asked = wine.start([AGENT, 'status', '--json'])
          await asked.ended
          const text = asked.output()
          if (!text.startsWith('{')) return false
          const status = JSON.parse(text)
          return status.isRunning === true && status.version === version
        },
        MINUTE_MS,
      ),
    async stopped(): Promise<void> {
      await said(AGENT, 'service', 'stop')
      t.match(await said('sc', 'query', 'Tidewatch'), /STATE\s*: 1 {2}STOPPED/)
    },
  }
}

/**
 * What is Windows' own, and not the product's: the Installer's keys, which are empty; how often the
 * service manager was asked; certificates, which are filled in when they are first asked for. Wine's
 * own: it removes the log `Application` with its last source, of which Windows has many.
 */
const REGISTRY_OWN = [
  /\\Installer(\\(Features|Products|UpgradeCodes|UserData(\\S-1-5-18(\\(Components|Products))?)?))?\]$/,
  /\\Control\\ServiceCurrent\]: /,
  /\\Microsoft\\SystemCertificates\\/,
  /\\Services\\Eventlog\\Application\]$/,
]
/** Wine takes a folder out of PATH and leaves the semicolon before it. */
const SEMICOLONS = /(,3b,00)+(?=,00,00$)/

/** Keys and values that came or went, each with its key. */
function changes(before: string, after: string): string[] {
  const [was, is] = [new Set(entriesOf(before)), new Set(entriesOf(after))]
  const differ = [...was, ...is].filter((entry) => !was.has(entry) || !is.has(entry))
  return differ.filter((entry) => !REGISTRY_OWN.some((own) => own.test(entry)))
}

function* entriesOf(registry: string): Generator<string> {
  let key = ''
  // A long value goes on in the next line.
  for (const line of registry.replaceAll(/\\\r?\n */g, '').split(/\r?\n/)) {
    if (line.startsWith('[')) key = line
    const value = line === key ? '' : `: ${line.replace(SEMICOLONS, '')}`
    if (line !== '') yield `${key}${value}`
  }
}

/** When the agent on this database was started first: what an upgrade must not begin anew. */
function firstStartOf(programData: string): string {
  // A copy: a reader, too, leaves files beside a database.
  const copy = join(programData, '..', '..', 'windows', 'temp', 'tidewatch.db')
  copyFileSync(join(programData, 'data', 'tidewatch.db'), copy)
  const database = new Database(copy, { readonly: true })
  try {
    const row = database.prepare("SELECT value FROM note WHERE name = 'first-start-ms'").get()
    return String((row as { value: string } | undefined)?.value)
  } finally {
    database.close()
  }
}
