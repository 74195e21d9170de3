/**
 * Reads `lsof -nP -i -F pRcuLftPTn`: which process has which socket, as fields of one letter. Pure.
 *
 * Each line is a field: its first character names it. `p` begins a process, `f` a file of it, and a
 * field counts for what was begun last. The same program and format are on macOS and on Linux. A process
 * that inherited a socket shows it too, so one connection may stand under several processes.
 * @see https://github.com/lsof-org/lsof/blob/master/Lsof.8 (OUTPUT FOR OTHER PROGRAMS)
 */
import { parseIp } from '../address.ts'
import type { Endpoint, Process } from '../event.ts'

export interface LsofSocket {
  readonly process: Process
  readonly transport: 'tcp' | 'udp'
  readonly source: Endpoint
  /** `undefined` where it has no peer: a listener, or a UDP socket that is not connected. */
  readonly destination?: Endpoint
  /** `ESTABLISHED`, `SYN_SENT`, `LISTEN`; a UDP socket has none. */
  readonly state?: string
}

export interface LsofListing {
  readonly sockets: readonly LsofSocket[]
  /** Sockets that could not be read: they have no name of the known form. */
  readonly malformed: number
}

/** The arguments that this reader is for. */
export const LSOF_ARGUMENTS: readonly string[] = ['-nP', '-i', '-F', 'pRcuLftPTn']

export function parseLsof(text: string): LsofListing {
  const sockets: LsofSocket[] = []
  let malformed = 0
  let process: Mutable<Process> | undefined
  let file: Map<string, string> | undefined

  function endFile(): void {
    const type = file?.get('t')
    if (file === undefined || process === undefined || !type?.startsWith('IPv')) return
    const socket = socketOf(process, file)
    if (socket === undefined) malformed++
    else sockets.push(socket)
  }

  for (const line of text.split('\n')) {
    const [field, value] = [line[0], line.slice(1)]
    if (field === 'p' || field === 'f') {
      endFile()
      file = field === 'f' ? new Map() : undefined
      if (field === 'p') process = processOf(value)
    } else if (field === 'T') {
      // Its own letter again: TST=ESTABLISHED is the state, TQR and TQS are queues.
      if (value.startsWith('ST=')) file?.set('ST', value.slice(3))
    } else if (file !== undefined) file.set(field ?? '', value)
    else if (process !== undefined) addFact(process, field, value)
  }
  endFile()
  return { sockets, malformed }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const processOf = (value: string): Mutable<Process> | undefined =>
  WHOLE.test(value) ? { pid: Number(value) } : undefined

const WHOLE = /^\d{1,10}$/

function addFact(process: Mutable<Process>, field: string | undefined, value: string): void {
  if (field === 'c' && value !== '') process.name = value
  if (field === 'R' && WHOLE.test(value)) process.parentPid = Number(value)
  if (field === 'u' && WHOLE.test(value)) process.user = { ...process.user, id: value }
  if (field === 'L' && value !== '') process.user = { ...process.user, name: value }
}

function socketOf(process: Process, file: ReadonlyMap<string, string>): LsofSocket | undefined {
  const transport = file.get('P')?.toLowerCase()
  const [local = '', peer] = (file.get('n') ?? '').split('->')
  const source = lsofEndpoint(local)
  const destination = peer === undefined ? undefined : lsofEndpoint(peer)
  const isBroken = source === undefined || (peer !== undefined && destination === undefined)
  if (isBroken || (transport !== 'tcp' && transport !== 'udp')) return undefined
  const state = file.get('ST')
  return {
    process,
    transport,
    source,
    ...(destination && { destination }),
    ...(state && { state }),
  }
}

const NAME = /^(\*|\[[^\]]+\]|[\d.]+):(\d{1,5}|\*)$/

/** `127.0.0.1:631`, `[::1]:8080`, `*:68`, `*:*`. */
function lsofEndpoint(text: string): Endpoint | undefined {
  const [, host = '', port = ''] = NAME.exec(text) ?? []
  const ip = host === '*' ? '::' : parseIp(host.replace(/^\[(.*)\]$/, '$1'))
  return ip === undefined ? undefined : { ip, port: port === '*' ? 0 : Number(port) }
}

/** Those that this host opened: with a peer, up or coming up, and to none of its own listening ports. */
export function outboundOf(sockets: readonly LsofSocket[]): readonly LsofSocket[] {
  const listening = new Set(
    sockets
      .filter(({ state }) => state === 'LISTEN')
      .map(({ source: { ip, port } }) => (isAny(ip) ? `${port}` : `${ip} ${port}`)),
  )
  return sockets.filter(({ destination, state, source: { ip, port } }) => {
    const isOpen = state === undefined || OPEN.has(state)
    const isInbound = listening.has(`${port}`) || listening.has(`${ip} ${port}`)
    return destination !== undefined && isOpen && !isInbound
  })
}

const OPEN: ReadonlySet<string> = new Set([
  'ESTABLISHED',
  'SYN_SENT',
  'CLOSE_WAIT',
  'FIN_WAIT_1',
  'FIN_WAIT_2',
])
const isAny = (ip: string): boolean => ip === '::' || ip === '0.0.0.0'
