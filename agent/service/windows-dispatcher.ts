/**
 * The agent as its own Windows service: no wrapper program. Windows starts the process, which connects
 * itself to the service control manager and is then told to start and to stop on threads of Windows';
 * koffi brings those calls to the event loop.
 *
 * While the event loop is busy, an answer to the manager waits; it is patient for 30 s.
 * https://learn.microsoft.com/windows/win32/services/service-programs
 */
import { win32 } from 'node:path'
import koffi, { type LibraryHandle } from 'koffi'
import { AgentError, messageOf } from '../../platform/errors.ts'
import type { ServiceLink } from './service-manager.ts'
import { WINDOWS_SERVICE } from './windows-service.ts'

/** SERVICE_STATUS: current states, and what is taken in them. */
const STATE = { stopped: 1, startPending: 2, stopPending: 3, running: 4 }
const OWN_PROCESS = 0x10
const ACCEPTS_STOP_AND_SHUTDOWN = 0x1 | 0x4
/** Controls that a service is told. */
const CONTROL = { stop: 1, interrogate: 4, shutdown: 5 }
const [NO_ERROR, SERVICE_SPECIFIC_ERROR, NOT_IMPLEMENTED] = [0, 1066, 120]
/** How long a start or a stop may take before Windows gives up on it, ms. */
const PATIENCE_MS = 20_000
/** Event types of ReportEventW, and the ids under which they are filed. */
const EVENTS = {
  error: { type: 1, id: 3 },
  warn: { type: 2, id: 2 },
  info: { type: 4, id: 1 },
} as const
/** ReportEventW refuses more than 31,839 characters. */
const MAX_EVENT_CHARACTERS = 30_000

export interface DispatcherOptions {
  /** System32: libraries are taken from there by their full path. */
  readonly systemDir: string
  /**
   * The service, until it stops: resolves to its exit code. An error made on purpose is logged and
   * ends it; a bug is thrown on, so that the process ends and Windows starts it again.
   */
  work(link: ServiceLink): Promise<number>
}

/**
 * Runs `work` as the Windows service.
 * @returns when Windows has been told that the service has stopped
 * @throws {AgentError} `ERR_SERVICE` where it was not Windows that started this process
 */
export async function runWindowsService({ systemDir, work }: DispatcherOptions): Promise<void> {
  const name = WINDOWS_SERVICE
  const calls = serviceCalls(load(win32.join(systemDir, 'advapi32.dll')))
  const stop = new AbortController()
  const source = calls.registerEventSource(null, name)
  let handle: unknown
  let state = STATE.startPending

  function tell(next: number, exitCode = 0): void {
    state = next
    const isPending = next === STATE.startPending || next === STATE.stopPending
    calls.setStatus(handle, {
      type: OWN_PROCESS,
      state: next,
      accepts: next === STATE.running ? ACCEPTS_STOP_AND_SHUTDOWN : 0,
      exit: exitCode === 0 ? NO_ERROR : SERVICE_SPECIFIC_ERROR,
      specific: exitCode,
      checkpoint: 0,
      hint: isPending ? PATIENCE_MS : 0,
    })
  }

  function log(level: keyof typeof EVENTS, text: string): void {
    const { type, id } = EVENTS[level]
    const words = [text.slice(0, MAX_EVENT_CHARACTERS)]
    calls.reportEvent(source, type, 0, id, null, words.length, 0, words, null)
  }

  return new Promise((resolve, reject) => {
    // Node prints what ends it where nobody reads: the reason belongs into the event log too.
    process.on('uncaughtExceptionMonitor', (error) => log('error', error.stack ?? error.message))
    const onControl = koffi.register((control: number): number => {
      if (control === CONTROL.interrogate) return NO_ERROR
      if (control !== CONTROL.stop && control !== CONTROL.shutdown) return NOT_IMPLEMENTED
      tell(STATE.stopPending)
      stop.abort()
      return NO_ERROR
    }, koffi.pointer(calls.handlerType))

    const onStart = koffi.register((): void => {
      handle = calls.registerHandler(name, onControl, null)
      tell(STATE.startPending)
      const link: ServiceLink = {
        signal: stop.signal,
        ready: () => {
          if (state === STATE.startPending) tell(STATE.running)
        },
        log,
      }
      void serve(link)
    }, koffi.pointer(calls.mainType))

    async function serve(link: ServiceLink): Promise<void> {
      const exitCode = await work(link)
      tell(STATE.stopped, exitCode)
    }

    const table = [
      { name, main: onStart },
      { name: null, main: null },
    ]
    // Blocks a thread of the pool until the service has stopped.
    calls.dispatch.async(table, (error: unknown, isDone: number) => {
      calls.deregisterEventSource(source)
      if (error) reject(error)
      else if (isDone) resolve()
      else reject(notAService())
    })
  })
}

const notAService = (): AgentError =>
  new AgentError('ERR_SERVICE', 'run --service: Windows did not start this as a service', {
    remedy: `start it by sc start ${WINDOWS_SERVICE}; to try it out, use run without --service`,
  })

function load(path: string): LibraryHandle {
  try {
    return koffi.load(path)
  } catch (cause) {
    const what = `run --service: ${messageOf(cause)}`
    throw new AgentError('ERR_SERVICE', what, { cause, remedy: 'it is for Windows alone' })
  }
}

function serviceCalls(library: LibraryHandle) {
  const mainType = koffi.proto('void __stdcall TidewatchServiceMain(uint32_t count, void *words)')
  const handlerType = koffi.proto(
    'uint32_t __stdcall TidewatchServiceHandler(uint32_t control, uint32_t type, void *data, void *context)',
  )
  const numbers = ['type', 'state', 'accepts', 'exit', 'specific', 'checkpoint', 'hint']
  const status = koffi.struct(
    'TIDEWATCH_SERVICE_STATUS',
    Object.fromEntries(numbers.map((name) => [name, 'uint32_t'])),
  )
  const entry = koffi.struct('TIDEWATCH_SERVICE_TABLE_ENTRY', {
    name: 'const char16_t *',
    main: koffi.pointer(mainType),
  })
  return {
    ...{ mainType, handlerType },
    dispatch: library.func('__stdcall', 'StartServiceCtrlDispatcherW', 'int', [
      koffi.pointer(entry),
    ]),
    registerHandler: library.func('__stdcall', 'RegisterServiceCtrlHandlerExW', 'void *', [
      ...['const char16_t *', koffi.pointer(handlerType), 'void *'],
    ]),
    setStatus: library.func('__stdcall', 'SetServiceStatus', 'int', [
      ...['void *', koffi.pointer(status)],
    ]),
    registerEventSource: library.func('__stdcall', 'RegisterEventSourceW', 'void *', [
      ...['const char16_t *', 'const char16_t *'],
    ]),
    deregisterEventSource: library.func('__stdcall', 'DeregisterEventSource', 'int', ['void *']),
    reportEvent: library.func('__stdcall', 'ReportEventW', 'int', [
      ...['void *', 'uint16_t', 'uint16_t', 'uint32_t', 'void *', 'uint16_t', 'uint32_t'],
      ...['const char16_t **', 'void *'],
    ]),
  }
}
