/**
 * The service control manager's own interface, in process: numbers and not the text of `sc.exe`, which
 * Windows translates. Each call opens what it needs and closes it.
 * https://learn.microsoft.com/windows/win32/services/service-configuration-programs
 */
import { win32 } from 'node:path'
import koffi, { type LibraryHandle } from 'koffi'
import { AgentError, messageOf } from '../../platform/errors.ts'
import type { ServiceState } from './service-manager.ts'

export interface ServiceDefinition {
  readonly displayName: string
  readonly description: string
  /** With its arguments, quoted as Windows splits it. */
  readonly commandLine: string
  /** Waits before it is started again after the first, second and every other failure, ms. */
  readonly restartAfterMs: readonly number[]
  /** So long without a failure, and the next one is the first again. */
  readonly forgetFailuresSeconds: number
}

export interface ServiceControl {
  state(name: string): ServiceState
  /** Makes the service, or gives one that is there this definition. */
  define(name: string, definition: ServiceDefinition): void
  start(name: string): void
  stop(name: string): void
  remove(name: string): void
}

/** SC_MANAGER_ALL_ACCESS, SERVICE_ALL_ACCESS; what any user may: connect, and ask for a status. */
const ACCESS = { manager: 0xf003f, service: 0xf01ff, connect: 0x1, query: 0x4 }
const OWN_PROCESS = 0x10
const AUTO_START = 2
const NORMAL_ERROR = 1
const CONTROL_STOP = 1
/** SERVICE_CONFIG_* of ChangeServiceConfig2W. */
const CONFIG = { description: 1, failureActions: 2, failureActionsFlag: 4 }
const ACTION_RESTART = 1
const [ACCESS_DENIED, ALREADY_RUNNING, NO_SUCH_SERVICE, NOT_ACTIVE] = [5, 1056, 1060, 1062]
/** SERVICE_STATUS: seven numbers, of which the second is the state. */
const STATUS_BYTES = 28

const STATES: Readonly<Record<number, ServiceState>> = {
  1: 'stopped',
  2: 'starting',
  3: 'stopping',
  4: 'running',
}

type Handle = number | bigint

/** @param systemDir System32 */
export function serviceControl(systemDir: string): ServiceControl {
  const api = load(systemDir)

  function failure(call: string, code = api.lastError()): AgentError {
    const remedy = code === ACCESS_DENIED ? 'run it as administrator' : undefined
    return new AgentError('ERR_SERVICE', `${call}: Windows error ${code}`, {
      ...(remedy && { remedy }),
    })
  }

  function must(call: string, isDone: number): void {
    if (!isDone) throw failure(call)
  }

  function withManager<Result>(access: number, work: (manager: Handle) => Result): Result {
    const manager = api.openManager(null, null, access)
    if (!manager) throw failure('OpenSCManager')
    try {
      return work(manager)
    } finally {
      api.close(manager)
    }
  }

  function withService<Result>(
    name: string,
    [managerAccess, access]: readonly [number, number],
    work: (service: Handle, manager: Handle) => Result,
  ): Result | undefined {
    return withManager(managerAccess, (manager) => {
      const service = api.openService(manager, name, access)
      if (!service) {
        const code = api.lastError()
        if (code === NO_SUCH_SERVICE) return undefined
        throw failure('OpenService', code)
      }
      try {
        return work(service, manager)
      } finally {
        api.close(service)
      }
    })
  }

  const asAdministrator = [ACCESS.manager, ACCESS.service] as const
  const installed = (name: string, work: (service: Handle) => true): void => {
    if (withService(name, asAdministrator, work)) return
    throw new AgentError('ERR_SERVICE', `${name}: is not installed as a service`, {
      remedy: 'install it first: agent service install',
    })
  }

  function configure(service: Handle, it: ServiceDefinition): void {
    const actions = it.restartAfterMs.map((delay) => ({ type: ACTION_RESTART, delay }))
    must(
      'ChangeServiceConfig2',
      api.describe(service, CONFIG.description, { text: it.description }),
    )
    const recovery = { reset: it.forgetFailuresSeconds, count: actions.length, actions }
    const failureActions = { ...recovery, reboot: null, command: null }
    must('ChangeServiceConfig2', api.recover(service, CONFIG.failureActions, failureActions))
    // Also where it ended by itself with an error, and not by a crash alone. Wine does not know it.
    api.recoverAlways(service, CONFIG.failureActionsFlag, { flag: 1 })
  }

  return {
    state: (name) =>
      withService(name, [ACCESS.connect, ACCESS.query], (service) => {
        const status = Buffer.alloc(STATUS_BYTES)
        must('QueryServiceStatus', api.query(service, status))
        return STATES[status.readUInt32LE(4)] ?? 'stopped'
      }) ?? 'not-installed',
    define(name, it) {
      const settings = [OWN_PROCESS, AUTO_START, NORMAL_ERROR, it.commandLine] as const
      const none = [null, null, null, null] as const
      const isThere = withService(name, asAdministrator, (service) => {
        must('ChangeServiceConfig', api.change(service, ...settings, ...none, null, it.displayName))
        configure(service, it)
        return true
      })
      if (isThere) return
      withManager(ACCESS.manager, (manager) => {
        const about = [name, it.displayName, ACCESS.service] as const
        const service = api.create(manager, ...about, ...settings, ...none, null)
        if (!service) throw failure('CreateService')
        configure(service, it)
        api.close(service)
      })
    },
    start: (name) =>
      installed(name, (service) => {
        if (api.start(service, 0, null)) return true
        const code = api.lastError()
        if (code !== ALREADY_RUNNING) throw failure('StartService', code)
        return true
      }),
    stop: (name) =>
      installed(name, (service) => {
        if (api.control(service, CONTROL_STOP, Buffer.alloc(STATUS_BYTES))) return true
        const code = api.lastError()
        if (code !== NOT_ACTIVE) throw failure('ControlService', code)
        return true
      }),
    remove: (name) =>
      installed(name, (service) => {
        must('DeleteService', api.remove(service))
        return true
      }),
  }
}

function load(systemDir: string) {
  try {
    const advapi = koffi.load(win32.join(systemDir, 'advapi32.dll'))
    const kernel = koffi.load(win32.join(systemDir, 'kernel32.dll'))
    return { ...calls(advapi), lastError: kernel.func('uint32_t GetLastError()') as () => number }
  } catch (cause) {
    throw new AgentError('ERR_SERVICE', `advapi32.dll: ${messageOf(cause)}`, {
      cause,
      remedy: 'Windows services are on Windows alone',
    })
  }
}

function calls(library: LibraryHandle) {
  const text = 'const char16_t *'
  const number = 'uint32_t'
  const action = koffi.struct('TIDEWATCH_SC_ACTION', { type: number, delay: number })
  const description = koffi.struct('TIDEWATCH_SERVICE_DESCRIPTION', { text })
  const flag = koffi.struct('TIDEWATCH_SERVICE_FLAG', { flag: 'int' })
  const recovery = koffi.struct('TIDEWATCH_SERVICE_FAILURE_ACTIONS', {
    ...{ reset: number, reboot: text, command: text, count: number },
    actions: koffi.pointer(action),
  })
  const call = (name: string, result: string, args: Parameters<LibraryHandle['func']>[3]) =>
    library.func('__stdcall', name, result, args)
  const configure = (struct: ReturnType<typeof koffi.struct>) =>
    call('ChangeServiceConfig2W', 'int', ['uintptr_t', number, koffi.pointer(struct)])
  const settings = [number, number, number, text, text, 'void *', text, text, text]
  return {
    openManager: call('OpenSCManagerW', 'uintptr_t', [text, text, number]),
    openService: call('OpenServiceW', 'uintptr_t', ['uintptr_t', text, number]),
    create: call('CreateServiceW', 'uintptr_t', ['uintptr_t', text, text, number, ...settings]),
    change: call('ChangeServiceConfigW', 'int', ['uintptr_t', ...settings, text]),
    describe: configure(description),
    recover: configure(recovery),
    recoverAlways: configure(flag),
    query: call('QueryServiceStatus', 'int', ['uintptr_t', 'void *']),
    start: call('StartServiceW', 'int', ['uintptr_t', number, 'void *']),
    control: call('ControlService', 'int', ['uintptr_t', number, 'void *']),
    remove: call('DeleteService', 'int', ['uintptr_t']),
    close: call('CloseServiceHandle', 'int', ['uintptr_t']),
  }
}
