import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildDeb } from '../../../packaging/linux/deb.ts'
import { smallExecutable, withoutProgram } from '../../support/executable.ts'

const skip = withoutProgram('dpkg-deb')

t.test('the deb', { skip }, async (t) => {
  const folder = t.testdir()
  const build = async (round: string, name: 'linux-x64' | 'linux-arm64'): Promise<string> => {
    const dist = join(folder, round)
    mkdirSync(dist)
    const executable = smallExecutable(join(folder, `exe-${round}`), name)
    buildDeb(executable, { dist, work: join(folder, `work-${round}`), builtSeconds: 1_767_225_600 })
    return join(dist, `tidewatch-agent_1.2.3_${name === 'linux-x64' ? 'amd64' : 'arm64'}.deb`)
  }
  const deb = await build('first', 'linux-x64')
  const asked = (...words: readonly string[]): string =>
    execFileSync('dpkg-deb', words, { encoding: 'utf8' })

  t.ok(readFileSync(deb).equals(readFileSync(await build('second', 'linux-x64'))), 'the same bytes')
  t.equal(asked('-f', await build('third', 'linux-arm64'), 'Architecture').trim(), 'arm64')
  t.match(asked('-f', deb, 'Depends'), /libatomic1/)
  t.equal(asked('-I', deb, 'conffiles').trim(), '/etc/tidewatch/agent.yml')
  const listed = asked('-c', deb)
  for (const line of [
    /^-rwxr-xr-x root\/root .* \.\/usr\/lib\/tidewatch\/tidewatch$/m,
    /^-rw-r--r-- root\/root .* \.\/usr\/lib\/tidewatch\/koffi\.node$/m,
    /^-rw------- root\/root .* \.\/etc\/tidewatch\/agent\.yml$/m,
    /^lrwxrwxrwx root\/root .* \.\/usr\/bin\/tidewatch-agent -> \.\.\/lib\/tidewatch\/tidewatch$/m,
    /\.\/usr\/lib\/systemd\/system\/tidewatch-agent\.service$/m,
    /\.\/usr\/share\/man\/man1\/tidewatch-agent\.1\.gz$/m,
  ]) {
    t.match(listed, line)
  }
})
