/**
 * Quotes a job's definition from its file as it is now. Small regular files only, and never from the
 * agent's memory: what it says of the job is told beside it, so that a change since then shows.
 */
import { readFileSync, statSync } from 'node:fs'
import type { Schedule } from '../../platform/event.ts'
import type { Definition } from '../report/explain-view.ts'

/** A crontab or unit has a thousandth of it. */
const MAX_BYTES = 1 << 20
const MAX_LINES = 12
/** What tells when and what, in a unit or a property list. */
const TELLING =
  /^\s*(?:On\w+Sec|OnCalendar|RandomizedDelaySec|Persistent|Unit|ExecStart)\s*=|Start(?:Interval|CalendarInterval)|<key>Program(?:Arguments)?</

/** @returns `undefined` where there is no such file that may be read, or nothing in it tells */
export function quotedDefinition(schedule: Schedule | undefined): Definition | undefined {
  if (schedule?.file === undefined) return undefined
  const { file, line } = schedule
  const text = smallText(file)
  if (text === undefined) return undefined
  const all = text.split('\n').map((content, i) => ({ line: i + 1, text: content }))
  const lines =
    line === undefined ? all.filter((one) => TELLING.test(one.text)) : all.slice(line - 1, line)
  return lines.length === 0 ? undefined : { file, lines: lines.slice(0, MAX_LINES) }
}

function smallText(file: string): string | undefined {
  try {
    const facts = statSync(file)
    return facts.isFile() && facts.size <= MAX_BYTES ? readFileSync(file, 'utf8') : undefined
  } catch {
    return undefined
  }
}
