/**
 * The service manager of the host that this runs on, with the system's own programs and files.
 */
import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, win32 } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AgentError, faultOf } from '../../platform/errors.ts'
import type { RunProgram, ServiceManager } from './service-manager.ts'

export interface ServiceHost {
  /** As Node names it: `linux`, `win32`, `darwin`. */
  readonly platform: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Its folder is the one that the service closes to others. */
  readonly configFile: string
}

/** @throws {AgentError} `ERR_PLATFORM` where there is no manager that we know */
export async function hostService(host: ServiceHost): Promise<ServiceManager> {
  switch (host.platform) {
    case 'win32': {
      const { windowsService } = await import('./windows-service.ts')
      const { serviceControl } = await import('./windows-service-control.ts')
      const systemDir = systemDirOf(host.env)
      return windowsService({
        ...{ control: serviceControl(systemDir), run: runProgram, sleep, systemDir },
        folder: win32.dirname(host.configFile),
        makeFolder: async (folder) => void (await mkdir(folder, { recursive: true })),
      })
    }
    case 'darwin': {
      const { launchdService } = await import('./launchd-service.ts')
      return launchdService({ run: runProgram, ...definitions })
    }
    case 'linux': {
      const { systemdService } = await import('./systemd-service.ts')
      return systemdService({ run: runProgram, ...definitions })
    }
    default:
      throw new AgentError('ERR_PLATFORM', `${host.platform}: no service manager that is known`, {
        remedy: 'install the package, or have `agent run --json` started by what starts services',
      })
  }
}

/** Where managers keep what they are told of a service. */
const definitions = {
  async writeFile(path: string, text: string) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text, { mode: 0o644 })
  },
  removeFile: (path: string) => rm(path, { force: true }),
}

/** @param env of this process: Windows tells there where it is */
export const systemDirOf = (env: ServiceHost['env']): string =>
  win32.join(env['SystemRoot'] ?? 'C:\\Windows', 'System32')

/** @throws {AgentError} `ERR_SERVICE` where the program cannot be started */
export const runProgram: RunProgram = (program, args) =>
  new Promise((resolve, reject) => {
    execFile(program, args, { windowsHide: true }, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`
      if (error === null) resolve({ exitCode: 0, output })
      else if (typeof error.code === 'number') resolve({ exitCode: error.code, output })
      else {
        const what = `${program}: ${faultOf(error)}`
        reject(new AgentError('ERR_SERVICE', what, { cause: error }))
      }
    })
  })
