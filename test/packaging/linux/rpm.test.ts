import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildRpm } from '../../../packaging/linux/rpm.ts'
import { smallExecutable, withoutProgram } from '../../support/executable.ts'

const skip = withoutProgram('rpmbuild')

t.test('the rpm', { skip }, async (t) => {
  const folder = t.testdir()
  const build = async (round: string, name: 'linux-x64' | 'linux-arm64'): Promise<string> => {
    const dist = join(folder, round)
    mkdirSync(dist)
    const executable = smallExecutable(join(folder, `exe-${round}`), name)
    // The path of the work is in the spec: one folder for both.
    buildRpm(executable, { dist, work: join(folder, 'work'), builtSeconds: 1_767_225_600 })
    return join(dist, `tidewatch-agent-1.2.3-1.${name === 'linux-x64' ? 'x86_64' : 'aarch64'}.rpm`)
  }
  const rpm = await build('first', 'linux-x64')
  const asked = (...words: readonly string[]): string =>
    execFileSync('rpm', ['-qp', '--nosignature', ...words], { encoding: 'utf8' })

  t.ok(readFileSync(rpm).equals(readFileSync(await build('second', 'linux-x64'))), 'the same bytes')
  t.equal(asked('--qf', '%{ARCH}', await build('third', 'linux-arm64')), 'aarch64')
  t.match(asked('--requires', rpm), /libatomic/)
  t.match(asked('--scripts', rpm), /audit\/switch off/)
  t.equal(asked('--configfiles', rpm).trim(), '/etc/tidewatch/agent.yml')
  t.match(asked('-l', rpm), /\/usr\/lib\/tidewatch\/tidewatch/)
})
