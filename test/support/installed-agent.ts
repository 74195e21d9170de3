/** The service as it is installed in a container: what systemd and the agent itself say of it. */
import type { Container } from './container.ts'
import { until } from './until.ts'

export interface InstalledAgent {
  isActive(): boolean
  /** As `agent status --json` tells it root. */
  status(): Record<string, unknown>
  /** What `systemctl show` has for it. */
  shown(property: string): string
  /** Until systemd has started another process than this one. */
  startedAgain(pid: string, withinMs: number): Promise<void>
}

export function installedAgent(box: Container): InstalledAgent {
  const says = (script: string): string => box.run(script).output.trim()
  const shown = (property: string): string => says(`systemctl show -P ${property} tidewatch-agent`)
  const isActive = (): boolean => says('systemctl is-active tidewatch-agent') === 'active'
  return {
    isActive,
    shown,
    status: () => JSON.parse(says('agent status --json; true')),
    startedAgain: (pid, withinMs) =>
      until('another one runs', () => isActive() && shown('MainPID') !== pid, withinMs),
  }
}

/** Every file where a package may leave one, and every account; not what the system keeps for itself. */
export function traces(box: Container): string {
  const places = '/etc /usr /var/lib /opt /lib/systemd'
  const own = '/var/lib/(dpkg|rpm|systemd)|/etc/(passwd|group|shadow|gshadow)-?$|ld.so.cache'
  const accounts = 'cut -d: -f1 /etc/passwd /etc/group'
  return box.run(`find ${places} | grep -vE '${own}' | sort; ${accounts}`).output
}
