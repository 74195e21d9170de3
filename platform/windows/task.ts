/**
 * The definition of a task, XML of the Task Scheduler's schema, as a `Schedule`. Pure and total.
 *
 * It comes as a file of the Tasks folder, or inside an event (Security 4698 to 4702). There it is a
 * string that still claims to be UTF-16, cut off where it is long (a command that carries a program
 * in it is), and some shippers have escaped it once more. Of one that is cut, what is there counts:
 * its actions come last.
 * https://learn.microsoft.com/windows/win32/taskschd/task-scheduler-schema
 */
import type { EpochMs, Schedule, User } from '../event.ts'
import { malformed, type Parsed, parsed } from '../parsed.ts'
import { childOf, childText, parseXml, unescapeXml, type XmlElement } from '../shared/xml.ts'
import { timingOf } from './task-trigger.ts'
import { userOf } from './windows-field.ts'

export interface Task {
  readonly schedule: Schedule
  readonly isEnabled: boolean
}

/**
 * @param id its path: `\Microsoft\Windows\Defrag\ScheduledDefrag`
 * @param nowMs when it is read: triggers that ended before count no more
 */
export function parseTask(id: string, text: string, nowMs: EpochMs): Parsed<Task> {
  const content = text.trimStart().startsWith('&lt;') ? unescapeXml(text) : text
  const document = parseXml(content, true)
  if (!document.ok) return document
  const task = document.value
  if (task.name !== 'Task') return malformed(`<${task.name}> is no task`)
  const settings = childOf(task, 'Settings')
  const isEnabled = childText(settings, 'Enabled') !== 'false'
  const triggers = childOf(task, 'Triggers')
  const timing = isEnabled ? timingOf(triggers?.children ?? [], nowMs) : undefined
  const actions = childOf(task, 'Actions')
  const user = principalOf(task, actions?.attributes.get('Context'))
  return parsed({
    schedule: {
      id,
      scheduler: 'task-scheduler',
      command: commandOf(actions),
      ...(triggers && triggers.children.length > 0 && { trigger: textOf(content, triggers) }),
      ...(user && { user }),
      ...(timing && { timing }),
      ...(childText(settings, 'Hidden') === 'true' && { isHidden: true }),
    },
    isEnabled,
  })
}

/** The triggers as they are written, on one line. */
const textOf = (content: string, { children }: XmlElement): string =>
  children.map(({ from, to }) => content.slice(from, to).replace(/>\s+</g, '><')).join('')

/** What its actions run, one after the other; a COM handler is told by its class. */
function commandOf(actions: XmlElement | undefined): string {
  const commands = (actions?.children ?? []).map((action) => {
    if (action.name === 'ComHandler') return childText(action, 'ClassId') ?? ''
    const [command, words] = [childText(action, 'Command'), childText(action, 'Arguments')]
    return [command, words].filter((part) => part !== undefined).join(' ')
  })
  return commands.filter((command) => command !== '').join(' & ')
}

/** Whom it runs as: the principal that its actions name, else the first. */
function principalOf(task: XmlElement, context: string | undefined): User | undefined {
  const principals = childOf(task, 'Principals')?.children ?? []
  const principal =
    principals.find(({ attributes }) => attributes.get('id') === context) ?? principals[0]
  return userOf(childText(principal, 'UserId') ?? childText(principal, 'GroupId'))
}
