/**
 * The agent's end of auditd's local socket: holds what has come until it is fetched, and stops reading
 * when that is too much, so that auditd's queue fills and not our memory. Knows how long it has held it.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { faultOf, SourceError } from '../errors.ts'
import type { EpochMs } from '../event.ts'
import { lineSplitter } from '../shared/lines.ts'

export interface AuditInbox {
  readonly path: string
  /** Bytes that wait to be fetched. */
  readonly heldBytes: number
  /** auditd has closed the socket; what is held can still be fetched. */
  readonly isClosed: boolean
  /** The first whole line that ever came. */
  readonly firstLine: string | undefined
  /** The oldest whole lines that are held, about `BATCH_BYTES` of them at most. */
  fetch(): string[]
  /** When the oldest that is held came; `undefined` where nothing is. */
  readonly heldSinceMs: EpochMs | undefined
  /**
   * Lets go unread what came before `beforeMs`, but for the newest `BATCH_BYTES`, which are read at once.
   * @returns how many records that were
   */
  skip(beforeMs: EpochMs): number
  /**
   * Waits for bytes, but not longer than `maxMs`; then gathers for `gatherMs` more, so that a batch is
   * worth its transaction. While little comes the socket is left alone meanwhile, since each look at
   * it costs more than what it brings. Returns when the socket is closed (after the
   * gathering at the latest), at once when `signal` aborts, and with the
   * next turn of the event loop when much is held: in a flood no one else would have a turn.
   */
  wait(maxMs: number, gatherMs: number, signal: AbortSignal): Promise<void>
  close(): void
}

const READ_BYTES = 64 << 10
/** Worth a batch by itself: about 4,000 records. */
const BATCH_BYTES = 1 << 20
/**
 * As much, some 700 records, may come in a gathering and be left where it is: the socket takes 280 of
 * auditd's small writes, each with some 760 bytes of the kernel's own, and auditd's queue 2,000.
 */
const TRICKLE_BYTES = 128 << 10
/** About 250,000 records: what comes while the log is caught up with. */
const MAX_HELD_BYTES = 64 << 20

/** @throws {SourceError} where no path has a socket that takes us */
export async function openAuditInbox(
  paths: readonly string[],
  now: () => EpochMs,
): Promise<AuditInbox> {
  const reasons: string[] = []
  for (const path of paths) {
    const { socket, inbox } = openInbox(path, now)
    try {
      await once(socket, 'connect')
      return inbox
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

interface Delivery {
  readonly atMs: EpochMs
  readonly bytes: number
  readonly lines: readonly string[]
}

function openInbox(path: string, now: () => EpochMs): { socket: Socket; inbox: AuditInbox } {
  const splitter = lineSplitter()
  let held: Delivery[] = []
  let heldBytes = 0
  let isClosed = false
  let firstLine: string | undefined
  /** What the last gathering brought. */
  let gatheredBytes = 0
  /** Ends the wait that is going on. */
  let wake: () => void = () => {}

  /** One buffer for all reads. Without it, a socket that is paused reads on until 64 KiB are held. */
  const onread = {
    buffer: Buffer.allocUnsafe(READ_BYTES),
    callback(bytes: number, buffer: Uint8Array): boolean {
      const lines = splitter.push(Buffer.from(buffer.buffer, buffer.byteOffset, bytes))
      firstLine ??= lines[0]
      held.push({ atMs: now(), bytes, lines })
      heldBytes += bytes
      if (heldBytes >= MAX_HELD_BYTES) socket.pause()
      wake()
      return true
    },
  }
  const socket = connect({ path, onread })
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

  /** The oldest deliveries, as long as `isWanted`. */
  function take(isWanted: (delivery: Delivery, takenBytes: number) => boolean): string[] {
    const lines: string[] = []
    let [count, bytes] = [0, 0]
    for (const delivery of held) {
      if (!isWanted(delivery, bytes)) break
      for (const line of delivery.lines) lines.push(line)
      bytes += delivery.bytes
      count++
    }
    held = held.slice(count)
    heldBytes -= bytes
    if (socket.isPaused() && heldBytes < MAX_HELD_BYTES) socket.resume()
    return lines
  }

  const inbox: AuditInbox = {
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
    fetch: () => take((_, bytes) => bytes < BATCH_BYTES),
    get heldSinceMs() {
      return held[0]?.atMs
    },
    skip: (beforeMs) =>
      take(({ atMs }, bytes) => atMs < beforeMs && heldBytes - bytes > BATCH_BYTES).length,
    async wait(maxMs, gatherMs, signal) {
      if (heldBytes >= BATCH_BYTES) await setImmediate()
      await until(() => heldBytes > 0, maxMs, signal)
      if (heldBytes === 0) return
      const isTrickle = gatheredBytes < TRICKLE_BYTES && heldBytes < TRICKLE_BYTES
      if (isTrickle) socket.pause()
      await until(() => heldBytes >= BATCH_BYTES, gatherMs, signal)
      if (isTrickle) {
        socket.resume()
        // One turn of the event loop, in which it is read.
        await setImmediate()
      }
      gatheredBytes = heldBytes
    },
    close() {
      socket.destroy()
    },
  }
  return { socket, inbox }
}
