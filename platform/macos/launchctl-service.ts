/**
 * Reads `launchctl print system/LABEL`: the definition of a loaded job as launchd has it, which stays
 * when its property list is removed. Pure.
 *
 * Facts of the job stand one tab deep; blocks below repeat words such as `state`, and are passed over but
 * for `arguments` and the descriptors of calendar rules. Apple calls the text no interface.
 */
import { malformed, type Parsed, parsed } from '../parsed.ts'
import type { Fields } from './json-fields.ts'

export interface LoadedService {
  /** `/Library/LaunchDaemons/x.plist`; `(submitted by ...)` where a program handed it over. */
  readonly path: string
  /** The same keys that a property list would have. */
  readonly job: Fields
}

const FACT = /^\t([a-z][a-z ]*) = (.+)$/
const ARGUMENTS = /^\targuments = \{$/
const STREAM = /^\t+stream = (\S+)$/
const RULE = /^\t+"(\w+)" => (\d+)$/
const CALENDAR = 'com.apple.launchd.calendarinterval'

export function parseLaunchctlService(text: string): Parsed<LoadedService> {
  const [head = '', ...lines] = text.split('\n').map((line) => line.trimEnd())
  const label = /^\S+?\/([^/].*) = \{$/.exec(head)?.[1]?.replace(/^\d+\//, '')
  if (label === undefined) return malformed(`launchctl: ${head || 'nothing printed'}`)
  const facts = new Map<string, string>()
  const args: string[] = []
  const rules: Record<string, number>[] = []
  let isArguments = false
  let stream = ''
  let rule: Record<string, number> | undefined
  for (const line of lines) {
    const [, key = '', value = ''] = FACT.exec(line) ?? []
    const [, unit = '', amount = ''] = RULE.exec(line) ?? []
    if (isArguments && line.startsWith('\t\t')) args.push(line.slice(2))
    else isArguments = ARGUMENTS.test(line)
    stream = STREAM.exec(line)?.[1] ?? stream
    if (/^\t+descriptor = \{$/.test(line)) rule = {}
    else if (rule !== undefined && unit !== '') rule[unit] = Number(amount)
    else if (rule !== undefined && line.endsWith('}')) {
      if (stream === CALENDAR) rules.push(rule)
      rule = undefined
    } else if (key !== '' && value !== '{' && !facts.has(key)) facts.set(key, value)
  }
  const seconds = /^(\d+) seconds$/.exec(facts.get('run interval') ?? '')?.[1]
  const program = facts.get('program')
  const user = facts.get('username')
  return parsed({
    path: facts.get('path') ?? '',
    job: {
      Label: label,
      ...(program !== undefined && { Program: program }),
      ...(args.length > 0 && { ProgramArguments: args }),
      ...(seconds !== undefined && { StartInterval: Number(seconds) }),
      ...(rules.length > 0 && { StartCalendarInterval: rules }),
      ...(user !== undefined && { UserName: user }),
    },
  })
}
