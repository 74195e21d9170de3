import t from 'tap'
import { knownProcesses } from '../../../platform/windows/known-processes.ts'
import { windowsEvents } from '../../../platform/windows/windows-events.ts'
import { sysmonRecord } from '../../support/windows-record.ts'

const events = windowsEvents()
const start = (pid: number, commandLine: string, parentPid = 4) =>
  sysmonRecord(1, {
    ...{ ProcessId: String(pid), Image: 'C:\\a.exe', CommandLine: commandLine },
    ...{ ParentProcessId: String(parentPid), ParentImage: 'C:\\p.exe' },
  })

t.test('of one pid the newest counts, which is told first; parents are known too', async (t) => {
  const known = knownProcesses()
  known.remember(start(7, 'new', 9), events)
  known.remember(start(7, 'old'), events)
  t.match(known.of(7), { commandLine: 'new' })
  t.match(known.of(9), { pid: 9, executable: 'C:\\p.exe' })
  t.equal(known.of(8), undefined)
})

t.test('it says when it has room for no more', async (t) => {
  const known = knownProcesses(3)
  t.ok(known.remember(start(1, 'a'), events))
  t.notOk(known.remember(start(2, 'b', 5), events))
})
