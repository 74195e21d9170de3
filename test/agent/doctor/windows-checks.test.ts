import t from 'tap'
import { windowsChecks } from '../../../agent/doctor/windows-checks.ts'
import { aMachine } from '../../support/fake-machine.ts'

const CHANNEL = 'wevtutil gl Microsoft-Windows-TaskScheduler/Operational'
const diagnose = async (programs: Readonly<Record<string, string>>) => {
  const machine = aMachine({ platform: 'win32', programs })
  return (await Promise.all(windowsChecks.map((check) => check(machine)))).flat()
}

t.test('Sysmon that runs, and the channel of tasks', async (t) => {
  const found = await diagnose({
    'sc query Sysmon64': 'SERVICE_NAME: Sysmon64\r\n        STATE              : 4  RUNNING\r\n',
    [CHANNEL]: 'name: Microsoft-Windows-TaskScheduler/Operational\r\nenabled: true\r\n',
  })
  t.match(found, [
    { name: 'Sysmon', state: 'good' },
    { name: 'Task Scheduler log', state: 'good' },
  ])
})

t.test('neither', async (t) => {
  const stopped = {
    'sc query Sysmon': '        STATE              : 1  STOPPED\r\n',
    [CHANNEL]: 'enabled: false\r\n',
  }
  t.match(await diagnose(stopped), [
    { state: 'failed', remedy: 'sc start Sysmon' },
    { state: 'warning', fix: [{ program: 'wevtutil', args: { 2: '/e:true' } }] },
  ])
  t.match(await diagnose({}), [
    { state: 'failed', remedy: /Sysmon64 -i/ },
    { state: 'unknown', remedy: /administrator/ },
  ])
})
