import t from 'tap'
import { macosChecks } from '../../../agent/doctor/macos-checks.ts'
import { aMachine } from '../../support/fake-machine.ts'

const diagnose = async (machine: ReturnType<typeof aMachine>) =>
  (await Promise.all(macosChecks.map((check) => check(machine)))).flat()

t.test('root, Full Disk Access, eslogger', async (t) => {
  const all = await diagnose(
    aMachine({
      platform: 'darwin',
      texts: { '/Library/Application Support/com.apple.TCC/TCC.db': 'SQLite' },
      files: { '/usr/bin/eslogger': {} },
    }),
  )
  t.ok(all.every(({ state }) => state === 'good'))
  const none = await diagnose(aMachine({ platform: 'darwin', isRoot: false }))
  t.ok(none.every(({ state, remedy }) => state === 'failed' && remedy !== undefined))
  t.match(none[1]?.remedy, /System Settings/)
})
