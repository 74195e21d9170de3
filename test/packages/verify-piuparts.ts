/**
 * The deb under piuparts, Debian's own test of packages: in a fresh bookworm it is installed, upgraded
 * from an earlier version, removed and purged, and no file and no change may be left. A part of
 * `npm run verify:packages`; a minute. Needs piuparts, mmdebstrap and dpkg-dev.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildOldAndNew, PREVIOUS } from '../support/built-packages.ts'

const CACHE = process.env['TIDEWATCH_CACHE'] ?? '/var/tmp/tidewatch'
const BASE = join(CACHE, 'piuparts-bookworm.tar.gz')
const folder = t.testdir({ old: {}, new: {}, repository: {} })
const built = buildOldAndNew('deb', folder)

t.setTimeout(15 * 60_000)

t.test('piuparts finds nothing left', async (t) => {
  makeBase()
  // What it upgrades from comes by apt.
  const repository = join(folder, 'repository')
  copyFileSync(join(built.old.folder, built.old.file), join(repository, built.old.file))
  const packages = execFileSync('dpkg-scanpackages', ['-m', '.'], {
    ...{ cwd: repository, stdio: ['ignore', 'pipe', 'ignore'] },
  })
  writeFileSync(join(repository, 'Packages'), packages)
  const log = join(folder, 'piuparts.log')
  const { status } = spawnSync(
    'piuparts',
    [
      ...['--basetgz', BASE, '--distribution', 'bookworm', '--no-eatmydata', '--log-file', log],
      ...['--bindmount', repository, '--extra-repo', `deb [trusted=yes] file:${repository} ./`],
      join(built.new.folder, built.new.file),
    ],
    { stdio: 'ignore' },
  )
  const said = readFileSync(log, 'utf8')
  t.equal(status, 0, said.slice(-4_000))
  t.match(said, /PASS: Installation and purging test/)
  t.match(said, new RegExp(`Unpacking tidewatch-agent .* over \\(${PREVIOUS}\\)`), 'upgraded')
  t.match(said, /PASS: Installation, upgrade and purging tests/)
})

/** As `debootstrap --variant=minbase` has it, with what the package depends on: that may leave traces. */
function makeBase(): void {
  if (existsSync(BASE)) return
  mkdirSync(CACHE, { recursive: true })
  const include = '--include=apt,libatomic1,libstdc++6,systemd'
  const made = join(CACHE, 'new-piuparts-bookworm.tar.gz')
  execFileSync('mmdebstrap', ['--quiet', '--variant=minbase', include, 'bookworm', made], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  execFileSync('mv', [made, BASE])
}
