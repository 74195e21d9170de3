/**
 * The agent's end of auditd's local socket: holds what has come until it is fetched, and stops reading
 * when that is too much, so that auditd's queue fills and not our memory.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { faultOf, SourceError } from '../errors.ts'
import { lineSplitter } from '../shared/lines.ts'

export interface AuditInbox {
  readonly path: string
  /** Bytes that wait to be fetched. */
  readonly heldBytes: number
  /** auditd has closed the socket; what is held can still be fetched. */
  readonly isClosed: boolean
  /** The first whole line that ever came. */
  readonly firstLine: string | undefined
  /** All whole lines that are held. */
  fetch(): string[]
  /**
   * Waits for bytes, but not longer than `maxMs`; then gathers for `gatherMs` more, so that a batch is
   * worth its transaction. Returns at once when much is held, the socket is closed or `signal` aborts.
   */
  wait(maxMs: number, gatherMs: number, signal: AbortSignal): Promise<void>
  close(): void
}

/** Worth a batch by itself: about 4,000 records. */
const BATCH_BYTES = 1 << 20
/** About 250,000 records: what comes while the log is caught up with. */
const MAX_HELD_BYTES = 64 << 20

/** @throws {SourceError} where no path has a socket that takes us */
export async function openAuditInbox(paths: readonly string[]): Promise<AuditInbox> {
  const reasons: string[] = []
  for (const path of paths) {
    const socket = connect(path)
    try {
      await once(socket, 'connect')
      return inbox(path, socket)
    } catch (error) {
      socket.destroy()
      reasons.push(`${path}: ${faultOf(error)}`)
    }
  }
  throw new SourceError(reasons.join('; ') || 'no audit socket is configured', {
    remedy: reasons.some((reason) => reason.endsWith('EACCES'))
      ? 'run the agent as root'
      : 'set "active = yes" in /etc/audit/plugins.d/af_unix.conf and reload auditd',
  })
}

function inbox(path: string, socket: Socket): AuditInbox {
  const splitter = lineSplitter()
  let lines: string[] = []
  let heldBytes = 0
  let isClosed = false
  let firstLine: string | undefined
  /** Ends the wait that is going on. */
  let wake: () => void = () => {}

  socket.on('data', (chunk: Buffer) => {
    for (const line of splitter.push(chunk)) lines.push(line)
    firstLine ??= lines[0]
    heldBytes += chunk.length
    if (heldBytes >= MAX_HELD_BYTES) socket.pause()
    wake()
  })
  socket.on('close', () => {
    isClosed = true
    wake()
  })
  // 'close' follows, and tells.
  socket.on('error', () => {})

  /** Until `isEnough`, `ms` are over, the socket is closed or `signal` aborts. */
  function until(isEnough: () => boolean, ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', end)
        wake = () => {}
        resolve()
      }
      const timer = setTimeout(end, ms)
      signal.addEventListener('abort', end)
      wake = () => {
        if (isClosed || signal.aborted || isEnough()) end()
      }
      wake()
    })
  }

  return {
    path,
    get heldBytes() {
      return heldBytes
    },
    get isClosed() {
      return isClosed
    },
    get firstLine() {
      return firstLine
    },
    fetch() {
      const fetched = lines
      lines = []
      heldBytes = 0
      if (socket.isPaused()) socket.resume()
      return fetched
    },
    async wait(maxMs, gatherMs, signal) {
      await until(() => heldBytes > 0, maxMs, signal)
      if (heldBytes > 0) await until(() => heldBytes >= BATCH_BYTES, gatherMs, signal)
    },
    close() {
      socket.destroy()
    },
  }
}
