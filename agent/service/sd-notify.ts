/**
 * Tells systemd that the agent is ready, how it is, and that it still lives. The protocol is a line of
 * text to a UNIX datagram socket, which Node has none of: libc's own calls, by koffi.
 * @see sd_notify(3), sd_watchdog_enabled(3)
 */
import { messageOf } from '../../platform/errors.ts'

const AF_UNIX = 1
/** SOCK_DGRAM, with SOCK_CLOEXEC: a helper program must not hold it. */
const DATAGRAM = 2 | 0o2000000
/** MSG_NOSIGNAL, MSG_DONTWAIT: a full queue of the manager must not hold up the agent. */
const SEND_FLAGS = 0x4000 | 0x40
/** sun_path, with its final 0. */
const MAX_PATH_BYTES = 108

/** Sends datagrams to one address. @throws {Error} what failed */
export type SendDatagram = (address: Uint8Array, text: Uint8Array) => void

export interface SdNotify {
  /** @param state lines such as `READY=1`, see sd_notify(3) */
  send(state: string): void
  /** Where systemd watches this process: a sign of life is wanted at least this often, ms. */
  readonly watchdogMs?: number
}

export interface SdNotifyOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly pid: number
  readonly open: () => Promise<SendDatagram>
  /** It works without: the agent goes on, and a person is told. */
  readonly complain: (text: string) => void
}

/** @returns `undefined` where no systemd waits for it */
export async function sdNotify(options: SdNotifyOptions): Promise<SdNotify | undefined> {
  const { env, pid, complain } = options
  const path = env['NOTIFY_SOCKET']
  const address = path === undefined ? undefined : socketAddress(path)
  if (address === undefined) return undefined
  try {
    const sendDatagram = await options.open()
    const watchdogMs = watchdogInterval(env, pid)
    return {
      send(state) {
        try {
          sendDatagram(address, Buffer.from(state))
        } catch (error) {
          complain(`systemd was not told: ${messageOf(error)}`)
        }
      },
      ...(watchdogMs !== undefined && { watchdogMs }),
    }
  } catch (error) {
    complain(`systemd cannot be told: ${messageOf(error)}`)
    return undefined
  }
}

/** A `sockaddr_un`: a path, or with `@` a name in the abstract space. `undefined` where it is neither. */
export function socketAddress(path: string): Uint8Array | undefined {
  if (!/^[/@]./.test(path)) return undefined
  const isAbstract = path.startsWith('@')
  const name = Buffer.from(isAbstract ? `\0${path.slice(1)}` : `${path}\0`)
  if (name.length > MAX_PATH_BYTES) return undefined
  const address = Buffer.alloc(2 + name.length)
  // sa_family_t is in the host's own order, which is little-endian on every target.
  address.writeUInt16LE(AF_UNIX, 0)
  name.copy(address, 2)
  return address
}

/** Half of what systemd allows, as sd_watchdog_enabled(3) advises. */
function watchdogInterval(env: SdNotifyOptions['env'], pid: number): number | undefined {
  const limitUs = Number(env['WATCHDOG_USEC'])
  const watched = env['WATCHDOG_PID']
  if (!(limitUs > 0) || (watched !== undefined && watched !== String(pid))) return undefined
  return limitUs / 2_000
}

/** Opens libc's datagram socket, one for the life of the process. */
export async function libcDatagram(): Promise<SendDatagram> {
  const { default: koffi } = await import('koffi')
  const libc = koffi.load('libc.so.6')
  const socket = libc.func('int socket(int domain, int type, int protocol)')
  const sendto = libc.func(
    'int64_t sendto(int fd, const void *text, uint64_t size, int flags, const void *address, uint32_t addressSize)',
  )
  const fd = socket(AF_UNIX, DATAGRAM, 0)
  if (fd < 0) throw new Error('no socket')
  return (address, text) => {
    const sent = sendto(fd, text, text.length, SEND_FLAGS, address, address.length)
    if (Number(sent) !== text.length) throw new Error(`errno ${koffi.errno()}`)
  }
}
