/**
 * What a Windows host needs for a full view: Sysmon that runs, and the Task Scheduler's channel. Pure but
 * for the machine that is asked. Verified on what the tools print (`sc`, `wevtutil`), not on a host.
 */
import { type Check, type Diagnosis, good, type Machine } from './diagnosis.ts'

const CHANNEL = 'Microsoft-Windows-TaskScheduler/Operational'
/** Sysmon names its service after its program. */
const SERVICES = ['Sysmon64', 'Sysmon']

export const windowsChecks: readonly Check[] = [sysmon, taskChannel]

async function sysmon({ run }: Machine): Promise<readonly Diagnosis[]> {
  const name = 'Sysmon'
  for (const service of SERVICES) {
    const { code, output } = await run('sc', ['query', service])
    if (code !== 0) continue
    return /STATE\s*:\s*4\b/.test(output)
      ? [good(name, `${service} runs`)]
      : [
          {
            ...{ name, state: 'failed', detail: `${service} does not run` },
            remedy: `sc start ${service}`,
          },
        ]
  }
  return [
    {
      ...{ name, state: 'failed', detail: 'not installed: no program or connection is seen' },
      remedy:
        'install it with a configuration that logs the events 1, 3, 5 and 22: Sysmon64 -i FILE',
    },
  ]
}

async function taskChannel({ run }: Machine): Promise<readonly Diagnosis[]> {
  const name = 'Task Scheduler log'
  const { code, output } = await run('wevtutil', ['gl', CHANNEL])
  if (code !== 0) {
    return [
      {
        ...{ name, state: 'unknown', detail: `${CHANNEL} may not be looked at` },
        remedy: 'run doctor as an administrator',
      },
    ]
  }
  if (/^enabled:\s*true/im.test(output)) return [good(name, `${CHANNEL} is on`)]
  const args = ['sl', CHANNEL, '/e:true']
  return [
    {
      ...{ name, state: 'warning', detail: `${CHANNEL} is off: which task ran is not known` },
      remedy: `wevtutil ${args.join(' ')}`,
      fix: [{ kind: 'run', program: 'wevtutil', args }],
    },
  ]
}
