/** One hunt in a process of its own, with the flags of the installed agent: its seconds, and the most memory it held. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { EXEC_ARGV } from '../../packaging/executable.ts'

export interface HuntCost {
  readonly seconds: number
  /** Of the whole process, from its start. */
  readonly peakRssBytes: number
}

const ENTRY = `
import { huntCommand } from ${JSON.stringify(import.meta.resolve('../../agent/commands/hunt.ts'))}
await huntCommand().parseAsync(process.argv.slice(1), { from: 'user' })
process.exitCode = 0
process.stderr.write('peak ' + process.resourceUsage().maxRSS + '\\n')`

export async function runHunt(path: string): Promise<HuntCost> {
  const startMs = performance.now()
  const args = [...EXEC_ARGV, '--input-type=module', '-e', ENTRY, '--', '--json', path]
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let told = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    told += text
  })
  const [code] = (await once(child, 'close')) as [number | null]
  const peak = /^peak (\d+)$/m.exec(told)?.[1]
  if (code !== 0 || peak === undefined) throw new Error(`the hunt failed (${code}): ${told}`)
  // maxRSS comes in KiB on every system.
  return {
    seconds: (performance.now() - startMs) / 1_000,
    peakRssBytes: Number(peak) * 1_024,
  }
}
