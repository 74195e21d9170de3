/**
 * The event log's own interface, `wevtapi.dll`, in process: no helper program, no copy of the log.
 *
 * Pulled, not pushed: `EvtNext` runs on a thread of the pool, so that a slow event log service never
 * holds up the event loop; rendering is local and stays on it. Both libraries are taken from System32 by
 * their full path: a service must not load what lies beside it or in the PATH.
 * https://learn.microsoft.com/windows/win32/api/winevt/
 */
import { win32 } from 'node:path'
import koffi, { type KoffiFunc, type LibraryHandle } from 'koffi'
import { messageOf, SourceError } from '../errors.ts'
import {
  ACCESS_DENIED,
  CHANNEL_NOT_FOUND,
  type ChannelState,
  type EventLog,
  EventLogError,
  type EventLogReader,
  type EventLogStart,
  NO_MORE_ITEMS,
  TIMED_OUT,
} from './event-log.ts'

/** A handle, or a pointer's value. */
type Handle = number | bigint
type Call<Args extends unknown[], Result> = KoffiFunc<(...args: Args) => Result>

/** EVT_SUBSCRIBE_FLAGS; strict: a bookmark whose record is gone is an error, and not passed over. */
const SUBSCRIBE = { new: 1, oldest: 2, after: 3, strict: 0x1_0000 }
/** EVT_QUERY_FLAGS: the path is a channel's, the newest record first. */
const QUERY_NEWEST_FIRST = 0x1 | 0x200
/** EVT_RENDER_FLAGS */
const RENDER = { eventXml: 1, bookmark: 2 }
/** EVT_CHANNEL_CONFIG_PROPERTY_ID */
const CONFIG_ENABLED = 0
const INSUFFICIENT_BUFFER = 122
/** EVT_VARIANT: a value of 8 bytes, its count, its type. */
const VARIANT_BYTES = 16
/** A record seldom has more; the buffer grows where one has. */
const RENDER_BYTES = 64 * 1024
/** EvtNext waits this long on its thread, ms: it answers at once where there is anything. */
const NEXT_WAIT_MS = 50

/** @param systemDir System32 */
export function wevtapi(systemDir: string): EventLog {
  let library: Wevtapi | undefined
  // Loaded with the first question: where it can't be, that is a source that is not there.
  const api = (): Wevtapi => {
    library ??= load(systemDir)
    return library
  }
  return {
    state: (channel) => stateOf(api(), channel),
    subscribe: (channel, query, start) => subscribe(api(), channel, query, start),
    newestFirst(channel, query) {
      const functions = api()
      const results = functions.query(0, channel, query, QUERY_NEWEST_FIRST)
      if (!results) throw functions.failure('EvtQuery')
      return readerOf(functions, results, [])
    },
  }
}

type Wevtapi = ReturnType<typeof load>

function load(systemDir: string) {
  try {
    const wevt = koffi.load(win32.join(systemDir, 'wevtapi.dll'))
    const kernel = koffi.load(win32.join(systemDir, 'kernel32.dll'))
    const lastError = kernel.func('uint32_t GetLastError()') as Call<[], number>
    return { ...functionsOf(wevt, kernel), lastError, failure: failure(lastError) }
  } catch (cause) {
    throw new SourceError(`wevtapi.dll: ${messageOf(cause)}`, {
      cause,
      remedy: 'the event log is read on Windows 10, Windows Server 2016 and later',
    })
  }
}

const failure = (lastError: () => number) => (call: string) => new EventLogError(call, lastError())

function functionsOf(wevt: LibraryHandle, kernel: LibraryHandle) {
  return {
    createEvent: kernel.func(
      'uintptr_t CreateEventW(void *security, int manualReset, int initial, const char16_t *name)',
    ) as Call<[null, number, number, null], Handle>,
    closeHandle: kernel.func('int CloseHandle(uintptr_t handle)') as Call<[Handle], number>,
    openChannelConfig: wevt.func(
      'uintptr_t EvtOpenChannelConfig(uintptr_t session, const char16_t *channel, uint32_t flags)',
    ) as Call<[number, string, number], Handle>,
    channelProperty: wevt.func(
      'int EvtGetChannelConfigProperty(uintptr_t config, int id, uint32_t flags, uint32_t size, void *variant, _Out_ uint32_t *used)',
    ) as Call<[Handle, number, number, number, Buffer, [number]], number>,
    subscribe: wevt.func(
      'uintptr_t EvtSubscribe(uintptr_t session, uintptr_t signal, const char16_t *channel, const char16_t *query, uintptr_t bookmark, void *context, void *callback, uint32_t flags)',
    ) as Call<[number, Handle, string, string, Handle, null, null, number], Handle>,
    query: wevt.func(
      'uintptr_t EvtQuery(uintptr_t session, const char16_t *path, const char16_t *query, uint32_t flags)',
    ) as Call<[number, string, string, number], Handle>,
    next: wevt.func(
      'int EvtNext(uintptr_t results, uint32_t size, void *events, uint32_t timeout, uint32_t flags, void *returned)',
    ) as Call<[Handle, number, BigUint64Array, number, number, Uint32Array], number>,
    render: wevt.func(
      'int EvtRender(uintptr_t context, uintptr_t fragment, uint32_t flags, uint32_t size, void *buffer, _Out_ uint32_t *used, _Out_ uint32_t *count)',
    ) as Call<[number, Handle, number, number, Buffer, [number], [number]], number>,
    createBookmark: wevt.func('uintptr_t EvtCreateBookmark(const char16_t *xml)') as Call<
      [string | null],
      Handle
    >,
    updateBookmark: wevt.func('int EvtUpdateBookmark(uintptr_t bookmark, uintptr_t event)') as Call<
      [Handle, Handle],
      number
    >,
    close: wevt.func('int EvtClose(uintptr_t object)') as Call<[Handle], number>,
  }
}

function stateOf(api: Wevtapi, channel: string): ChannelState {
  const config = api.openChannelConfig(0, channel, 0)
  if (!config) {
    const error = api.failure('EvtOpenChannelConfig')
    if (error.win32Code === CHANNEL_NOT_FOUND) return 'missing'
    if (error.win32Code === ACCESS_DENIED) return 'denied'
    throw error
  }
  try {
    const variant = Buffer.alloc(VARIANT_BYTES)
    if (!api.channelProperty(config, CONFIG_ENABLED, 0, VARIANT_BYTES, variant, [0])) {
      throw api.failure('EvtGetChannelConfigProperty')
    }
    return variant.readUInt32LE(0) === 0 ? 'disabled' : 'enabled'
  } finally {
    api.close(config)
  }
}

function subscribe(
  api: Wevtapi,
  channel: string,
  query: string,
  start: EventLogStart,
): EventLogReader {
  // Windows demands a signal of a subscription that is pulled; nobody waits for it here.
  const signal = api.createEvent(null, 1, 0, null)
  const after = typeof start === 'string' ? 0 : api.createBookmark(start.after)
  const flags = typeof start === 'string' ? SUBSCRIBE[start] : SUBSCRIBE.after | SUBSCRIBE.strict
  const results = api.subscribe(0, signal, channel, query, after, null, null, flags)
  const error = results ? undefined : api.failure('EvtSubscribe')
  if (after) api.close(after)
  if (error !== undefined) {
    api.closeHandle(signal)
    throw error
  }
  return readerOf(api, results, [signal])
}

function readerOf(api: Wevtapi, results: Handle, signals: readonly Handle[]): EventLogReader {
  const place = api.createBookmark(null)
  let hasPlace = false
  /** A call is under way on a thread of the pool: what it uses must not be closed. */
  let isBusy = false
  let isClosed = false
  let buffer = Buffer.alloc(RENDER_BYTES)

  function rendered(fragment: Handle, flags: number): string {
    const used: [number] = [0]
    if (!api.render(0, fragment, flags, buffer.length, buffer, used, [0])) {
      const error = api.failure('EvtRender')
      if (error.win32Code !== INSUFFICIENT_BUFFER) throw error
      buffer = Buffer.alloc(used[0])
      return rendered(fragment, flags)
    }
    // It ends with a NUL.
    return buffer.toString('utf16le', 0, Math.max(0, used[0] - 2))
  }

  /** One that Windows itself cannot render is malformed, and must not keep us from the next. */
  function eventXml(event: Handle): string {
    try {
      return rendered(event, RENDER.eventXml)
    } catch (error) {
      if (error instanceof EventLogError) return ''
      throw error
    }
  }

  function release(): void {
    for (const handle of [results, place]) api.close(handle)
    for (const signal of signals) api.closeHandle(signal)
  }

  return {
    async next(max) {
      const events = new BigUint64Array(max)
      const returned = new Uint32Array(1)
      isBusy = true
      const code = await nextOf(api, results, events, returned)
      isBusy = false
      if (isClosed) {
        release()
        return []
      }
      if (code === NO_MORE_ITEMS || code === TIMED_OUT) return []
      if (code !== 0) throw new EventLogError('EvtNext', code)
      const handles = [...events.subarray(0, returned[0])]
      try {
        const texts = handles.map(eventXml)
        const last = handles.at(-1)
        if (last !== undefined) hasPlace = api.updateBookmark(place, last) !== 0
        return texts
      } finally {
        for (const handle of handles) api.close(handle)
      }
    },
    bookmark: () => (hasPlace ? rendered(place, RENDER.bookmark) : undefined),
    close() {
      if (isClosed) return
      isClosed = true
      if (!isBusy) release()
    },
  }
}

/** @returns 0, or the error of the thread that called */
function nextOf(
  api: Wevtapi,
  results: Handle,
  events: BigUint64Array,
  returned: Uint32Array,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const size = events.length
    const done = (error: unknown, isDone: number): void => {
      if (error) reject(error)
      else resolve(isDone ? 0 : api.lastError())
    }
    api.next.async(results, size, events, NEXT_WAIT_MS, 0, returned, done)
  })
}
