/** `agent doctor`: what this host needs for a full view, what is missing, and the remedy for each. */
import { createInterface } from 'node:readline/promises'
import { Command } from 'commander'
import { messageOf } from '../../platform/errors.ts'
import type { Config } from '../config/config.ts'
import { askAgent } from '../control/client.ts'
import { commonChecks } from '../doctor/common-checks.ts'
import type { Check, Diagnosis, Machine } from '../doctor/diagnosis.ts'
import { linuxChecks } from '../doctor/linux-checks.ts'
import { macosChecks } from '../doctor/macos-checks.ts'
import { windowsChecks } from '../doctor/windows-checks.ts'
import { controlPath } from '../paths.ts'
import { doctorView, fixLines } from '../report/doctor-view.ts'
import { clean } from '../report/text.ts'
import type { OutputCheck } from '../ship/check-output.ts'
import {
  type CommandContext,
  configOf,
  type DataOptions,
  examples,
  paintOf,
  printJson,
  printLines,
  widthOf,
  withDataOptions,
} from './context.ts'
import { applyStep, thisMachine } from './doctor-machine.ts'

interface DoctorOptions extends DataOptions {
  readonly json?: boolean
  readonly fix?: boolean
  readonly yes?: boolean
}

const EXIT = { good: 0, warning: 1, failed: 2 } as const

/** @param machine this host, unless a test stands in for it */
export function doctorCommand(
  context: CommandContext,
  machine: Machine = thisMachine(process.platform, process.getuid?.()),
): Command {
  return withDataOptions(new Command('doctor'), context)
    .description('what this host needs for a full view, and the remedy for what is missing')
    .option('--fix', 'do what can do no harm, after showing it')
    .option('--yes', 'with --fix: do not ask')
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      [
        '\nExit codes: 0 all is good, 1 something could be better, 2 something failed.',
        examples(
          'sudo agent doctor',
          'sudo agent doctor --fix          shows what it would do, and asks',
          'agent doctor --json | jq \'.[] | select(.state != "good") | .remedy\'',
        ),
      ].join('\n'),
    )
    .action((options: DoctorOptions) => doctor(context, machine, options))
}

async function doctor(
  context: CommandContext,
  machine: Machine,
  options: DoctorOptions,
): Promise<void> {
  const all = await diagnose(context, machine, options)
  const fixable = all.filter(({ fix }) => fix !== undefined)
  if (options.json) printJson(context, all)
  else printLines(context, doctorView(all, { width: widthOf(context), paint: paintOf(context) }))
  if (options.fix !== true || fixable.length === 0) {
    context.setExitCode(exitCodeOf(all))
    return
  }
  printLines(context, ['', 'To be done:', ...fixLines(fixable)])
  if (options.yes !== true && !(await isConfirmed())) {
    printLines(context, ['Nothing was changed.'])
    context.setExitCode(exitCodeOf(all))
    return
  }
  await fixAll(context, machine, fixable)
  context.setExitCode(exitCodeOf(await diagnose(context, machine, options)))
}

async function diagnose(
  context: CommandContext,
  machine: Machine,
  options: DoctorOptions,
): Promise<readonly Diagnosis[]> {
  const { config, file } = await configOf(context, options)
  const dataDir = options.dataDir ?? config.dataDir ?? context.paths.dataDir
  const { checkOutputs } = await import('../shipping.ts')
  const nowMs = context.clock.now()
  const [status, outputs, fleet] = await Promise.all([
    // An agent that does not answer is told as none; `agent status` says more.
    askAgent(controlPath(dataDir), { request: 'status' }).catch(() => undefined),
    checkOutputs(config.ship, nowMs),
    checkFleet(config.fleet, nowMs),
  ])
  const checks: readonly Check[] = [
    ...systemChecks(machine.platform, config),
    ...commonChecks({
      ...{ dataDir, configFile: file, status, outputs, fleet },
      secretFiles: secretFilesOf(config),
      maxBytes: config.store.maxSizeBytes,
    }),
  ]
  const found: Diagnosis[] = []
  for (const check of checks) found.push(...(await check(machine)))
  return found
}

function systemChecks(platform: string, { collect }: Config): readonly Check[] {
  if (platform === 'linux') return linuxChecks({ cronLogPaths: collect.linux.cron.logPaths })
  return platform === 'win32' ? windowsChecks : platform === 'darwin' ? macosChecks : []
}

/** Whether the fleet's server is there, secure, and knows us; nothing where there is none. */
async function checkFleet(
  { url, protocol, ...options }: Config['fleet'],
  nowMs: number,
): Promise<readonly OutputCheck[]> {
  if (url === undefined) return []
  const { checkServer } = await import('../ship/check-output.ts')
  return [await checkServer('fleet', { ...options, url }, protocol === 'file', { nowMs })]
}

/** Every setting that names a file with a secret in it. */
function secretFilesOf({ ship, fleet }: Config): readonly string[] {
  const named = [ship, ...Object.values(ship.outputs ?? {}), fleet]
  const paths = named.flatMap((output) =>
    Object.entries(output).flatMap(([name, value]) =>
      SECRET.test(name) && typeof value === 'string' ? [value] : [],
    ),
  )
  return [...new Set(paths)]
}
const SECRET = /^(?:apiKey|basicAuth|bearer|headers|clientKey)File$/

/** Where nobody can answer, nothing is done. */
async function isConfirmed(): Promise<boolean> {
  if (process.stdin.isTTY !== true) return false
  const ask = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return /^y(?:es)?$/i.test((await ask.question('Do it? [y/N] ')).trim())
  } finally {
    ask.close()
  }
}

async function fixAll(
  context: CommandContext,
  { platform }: Machine,
  fixable: readonly Diagnosis[],
): Promise<void> {
  for (const { name, fix = [] } of fixable) {
    try {
      for (const step of fix) await applyStep(platform, step)
      printLines(context, [clean(`${name}: done`)])
    } catch (error) {
      printLines(context, [clean(`${name}: ${messageOf(error)}; do it by hand, as root`)])
    }
  }
}

function exitCodeOf(all: readonly Diagnosis[]): number {
  if (all.some(({ state }) => state === 'failed')) return EXIT.failed
  return all.some(({ state }) => state === 'warning') ? EXIT.warning : EXIT.good
}
