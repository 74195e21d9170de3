/**
 * Reads `launchctl print system` or `launchctl print gui/501`: which jobs are loaded in a domain, which
 * of them run, and which are switched off. Pure.
 *
 * A row of `services` is a pid (0 where it does not run), a status and a label; `disabled services` holds
 * what was ever switched on or off: `=> disabled`, and `=> true` before macOS 13. Apple calls the text no
 * interface, so each block is looked for by its name, and other blocks are passed over.
 */
import { malformed, type Parsed, parsed } from '../parsed.ts'

export interface LaunchdDomain {
  /** `system`, `gui/501`. */
  readonly name: string
  /** Labels of loaded jobs, with their pid where they run. */
  readonly loaded: ReadonlyMap<string, { readonly pid?: number }>
  /** Labels that are not loaded at the next start. */
  readonly disabled: ReadonlySet<string>
}

const HEAD = /^(\S+) = \{$/
const BLOCK = /^\t(services|disabled services) = \{$/
const SERVICE = /^\s+(\d+)\s+(\S+)\s+(\S.*)$/
const SWITCH = /^\s+"(.+)" => (\w+)$/

export function parseLaunchctlPrint(text: string): Parsed<LaunchdDomain> {
  const lines = text.split('\n').map((line) => line.trimEnd())
  const name = HEAD.exec(lines[0] ?? '')?.[1]
  // It says so in words: "Could not find domain for …", "Bad request."
  if (name === undefined) return malformed(`launchctl: ${lines[0] || 'nothing printed'}`)
  const loaded = new Map<string, { readonly pid?: number }>()
  const disabled = new Set<string>()
  let block = ''
  let isWhole = false
  for (const line of lines.slice(1)) {
    if (line === '}') isWhole = true
    else if (line === '\t}') block = ''
    else if (/^\t\S/.test(line)) block = BLOCK.exec(line)?.[1] ?? ''
    else if (block === 'services') {
      const [, pid, , label = ''] = SERVICE.exec(line) ?? []
      if (label !== '') loaded.set(label, pid === '0' ? {} : { pid: Number(pid) })
    } else if (block !== '') {
      const [, label = '', word = ''] = SWITCH.exec(line) ?? []
      if (OFF.has(word)) disabled.add(label)
    }
  }
  return isWhole ? parsed({ name, loaded, disabled }) : malformed(`launchctl: ${name} was cut off`)
}

const OFF: ReadonlySet<string> = new Set(['disabled', 'true'])
