/**
 * What Winlogbeat's modules renamed: the name of a value in Windows' event, and where ECS has it.
 * Pure. Their pipelines take a value out of `event_data` when it goes into an ECS field.
 * https://www.elastic.co/guide/en/beats/winlogbeat/current/winlogbeat-module-sysmon.html
 */
import { at, type JsonObject, textOf } from './windows-json-value.ts'

const ECS: Record<string, string> = {
  ProcessGuid: 'process.entity_id',
  ProcessId: 'process.pid',
  Image: 'process.executable',
  CommandLine: 'process.command_line',
  CurrentDirectory: 'process.working_directory',
  ParentProcessGuid: 'process.parent.entity_id',
  ParentProcessId: 'process.parent.pid',
  ParentImage: 'process.parent.executable',
  ParentCommandLine: 'process.parent.command_line',
  Protocol: 'network.transport',
  SourceIp: 'source.ip',
  SourcePort: 'source.port',
  DestinationIp: 'destination.ip',
  DestinationPort: 'destination.port',
  QueryName: 'dns.question.name',
}

const OUTWARD = new Set(['egress', 'outbound'])

/** The value as Windows would have written it. */
export function ecsField(root: JsonObject, name: string): string | undefined {
  switch (name) {
    case 'Initiated': {
      const direction = textOf(at(root, 'network.direction'))
      return direction === undefined ? undefined : String(OUTWARD.has(direction))
    }
    case 'User': {
      const [user, domain] = ['user.name', 'user.domain'].map((path) => textOf(at(root, path)))
      return domain === undefined || user === undefined ? user : `${domain}\\${user}`
    }
    case 'QueryResults': {
      const addresses = at(root, 'dns.resolved_ip')
      return Array.isArray(addresses) ? addresses.join(';') : textOf(addresses)
    }
    default: {
      const path = ECS[name]
      return path === undefined ? undefined : textOf(at(root, path))
    }
  }
}
