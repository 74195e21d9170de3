/**
 * The ATT&CK names of an alert, as ECS spells them: tactic and technique fields are arrays, whose
 * ids and names stand at equal places.
 *
 * T1053.004 (Launchd) is deprecated in ATT&CK: a launchd job is T1543.004 as a daemon and T1543.001
 * as an agent of a user.
 * @see https://attack.mitre.org/techniques/T1029/
 */
import type { Schedule } from '../../platform/event.ts'
import type { Analytic } from '../detect/risk-types.ts'

interface Technique {
  readonly id: string
  readonly name: string
  readonly sub: { readonly id: string; readonly name: string }
}

const scheduledTask = (id: string, name: string): Technique => ({
  id: 'T1053',
  name: 'Scheduled Task/Job',
  sub: { id, name },
})
const systemProcess = (id: string, name: string): Technique => ({
  id: 'T1543',
  name: 'Create or Modify System Process',
  sub: { id, name },
})

function techniqueOf({ scheduler, file }: Schedule): Technique {
  switch (scheduler) {
    case 'cron':
    case 'anacron':
      return scheduledTask('T1053.003', 'Cron')
    case 'systemd':
      return scheduledTask('T1053.006', 'Systemd Timers')
    case 'at':
      return scheduledTask('T1053.002', 'At')
    case 'task-scheduler':
      return scheduledTask('T1053.005', 'Scheduled Task')
    case 'launchd':
      return file?.includes('/LaunchAgents/')
        ? systemProcess('T1543.001', 'Launch Agent')
        : systemProcess('T1543.004', 'Launch Daemon')
    default:
      return scheduler satisfies never
  }
}

/** ECS `threat.*`: T1029, and the scheduler's technique where one started or explains it. */
export function threatFields(schedule: Schedule | undefined): object {
  const scheduler = schedule === undefined ? undefined : techniqueOf(schedule)
  return {
    framework: 'MITRE ATT&CK',
    tactic: { id: ['TA0010'], name: ['Exfiltration'] },
    technique: {
      id: ['T1029', ...(scheduler ? [scheduler.id] : [])],
      name: ['Scheduled Transfer', ...(scheduler ? [scheduler.name] : [])],
      ...(scheduler && { subtechnique: { id: [scheduler.sub.id], name: [scheduler.sub.name] } }),
    },
  }
}

const RULE_NAMES: Record<Analytic, string> = {
  AN1118: 'Scheduled transfer (Windows, network)',
  AN1119: 'Scheduled transfer (Linux)',
  AN1120: 'Scheduled transfer (macOS)',
}

/** ECS `rule.*`: the analytic that found it, of the detection strategy DET0399. */
export const ruleFields = (analytic: Analytic): object => ({
  id: analytic,
  name: RULE_NAMES[analytic],
  category: 'Exfiltration',
  ruleset: 'DET0399',
})
