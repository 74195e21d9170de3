/** This host, as the checks of `agent doctor` ask it, and the one place that changes it. */
import { execFile } from 'node:child_process'
import { chmodSync, readFileSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import type { FixStep, Machine } from '../doctor/diagnosis.ts'

const RUN_MS = 10_000
const MAX_OUTPUT = 1 << 20
const MAX_TEXT = 1 << 20
/** Fixed: root must not run what a user put first. Windows finds its own. */
const ENVIRONMENT = { LC_ALL: 'C', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }

export function thisMachine(platform: string, uid: number | undefined): Machine {
  return {
    platform,
    // Windows has no such number; its checks ask what they need.
    isRoot: uid === 0,
    readText(path) {
      return quietly(() => {
        const { size } = statSync(path)
        return size > MAX_TEXT ? undefined : readFileSync(path, 'utf8')
      })
    },
    facts: (path) =>
      quietly(() => {
        const facts = statSync(path)
        return { mode: facts.mode & 0o7777, uid: facts.uid, isFolder: facts.isDirectory() }
      }),
    freeBytes: (path) =>
      quietly(() => {
        const { bavail, bsize } = statfsSync(path)
        return bavail * bsize
      }),
    run: (program, args) => runProgram(platform, program, args),
  }
}

/** @throws where the step can't be made */
export async function applyStep(platform: string, step: FixStep): Promise<void> {
  switch (step.kind) {
    case 'run': {
      const { code, output } = await runProgram(platform, step.program, step.args)
      if (code !== 0) throw new Error(output.trim().split('\n').at(-1) || `ended with ${code}`)
      return
    }
    case 'write':
      writeFileSync(step.path, step.text)
      return
    case 'mode':
      chmodSync(step.path, step.mode)
      return
    default:
      step satisfies never
  }
}

const runProgram: (
  platform: string,
  program: string,
  args: readonly string[],
) => ReturnType<Machine['run']> = (platform, program, args) =>
  new Promise((resolve) => {
    const env = platform === 'win32' ? {} : { env: ENVIRONMENT }
    const options = { ...env, timeout: RUN_MS, maxBuffer: MAX_OUTPUT }
    execFile(program, args, options, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`
      if (error === null) resolve({ code: 0, output })
      else resolve({ code: typeof error.code === 'number' ? error.code : undefined, output })
    })
  })

function quietly<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}
