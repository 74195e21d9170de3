/**
 * The running agent's end of the control socket: `agent status` and its kin ask here.
 *
 * A unix socket that only its owner may open, or a named pipe that Windows gives to the agent's user
 * and to administrators alone (the default of a pipe); no port. Clients are few, have little time and little
 * to say: whoever is slow, talks long or talks nonsense is hung up on, and the agent goes on.
 */
import { lstat, unlink } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { AgentError, codeOf, messageOf } from '../../platform/errors.ts'
import { malformed, type Parsed, parsed } from '../../platform/parsed.ts'
import {
  type ControlAnswers,
  type ControlRequest,
  MAX_REQUEST_BYTES,
  parseRequest,
  responseLine,
} from './protocol.ts'

const MAX_CLIENTS = 8
/** From connect to the last byte of the answer, ms. */
const CLIENT_MS = 5_000
/** `sun_path` holds 108 bytes with its NUL on Linux, 104 on macOS; the system cuts what is longer. */
const MAX_PATH_BYTES = 103
/** All bits for group and others: the socket is born 0600. */
const OWNER_ONLY = 0o177

type MaybeLater<T> = T | Promise<T>

/** What the agent answers with. `findings` and `alerts` give at most `limit`. */
export interface ControlHandlers {
  status(): MaybeLater<ControlAnswers['status']>
  findings(limit: number): MaybeLater<ControlAnswers['findings']>
  alerts(limit: number): MaybeLater<ControlAnswers['alerts']>
}

export interface ControlOptions {
  readonly path: string
  readonly handlers: ControlHandlers
  /** Time for one client, ms. */
  readonly clientMs?: number
}

export interface ControlServer {
  /** Hangs up on all clients and removes the socket. */
  close(): Promise<void>
}

/**
 * @throws {AgentError} `ERR_ALREADY_RUNNING` where another agent answers at `path`; `ERR_CONTROL`
 *   where the socket cannot be made
 */
export async function serveControl(options: ControlOptions): Promise<ControlServer> {
  const { path, handlers, clientMs = CLIENT_MS } = options
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw new AgentError('ERR_CONTROL', `${path}: too long a path for a socket`, {
      remedy: `use a data folder of at most ${MAX_PATH_BYTES - 13} characters`,
    })
  }
  await removeStale(path)
  const clients = new Set<Socket>()
  const server = createServer((client) => {
    clients.add(client)
    client.once('close', () => clients.delete(client))
    serveClient(client, handlers, AbortSignal.timeout(clientMs))
  })
  server.maxConnections = MAX_CLIENTS
  await listen(server, path)
  return {
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const client of clients) client.destroy()
      await closed
    },
  }
}

/** A killed agent leaves its socket behind. Anything that is no socket is not ours to remove. */
async function removeStale(path: string): Promise<void> {
  // A pipe goes with its process.
  if (path.startsWith('\\\\.\\pipe\\')) return
  const found = await lstat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw cannotServe(path, error)
  })
  if (found === undefined) return
  if (!found.isSocket()) {
    throw new AgentError('ERR_CONTROL', `${path}: is there, and is no socket`, {
      remedy: 'move it away, or name another folder (--data-dir)',
    })
  }
  if (await answers(path)) {
    throw alreadyRunning(path)
  }
  await unlink(path).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw cannotServe(path, error)
  })
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = connect(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', (error) => {
      const code = codeOf(error)
      if (code === 'ECONNREFUSED' || code === 'ENOENT') resolve(false)
      else if (code === 'EAGAIN') resolve(true)
      else reject(cannotServe(path, error))
    })
  })
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      // Of a pipe, only Windows knows whether another agent has it.
      reject(codeOf(error) === 'EADDRINUSE' ? alreadyRunning(path) : cannotServe(path, error))
    })
    // The socket is made within the call, and nothing else runs meanwhile.
    const before = process.umask(OWNER_ONLY)
    try {
      server.listen(path, resolve)
    } finally {
      process.umask(before)
    }
  })
}

const alreadyRunning = (path: string): AgentError =>
  new AgentError('ERR_ALREADY_RUNNING', `${path}: another agent answers here`, {
    remedy: 'stop it first, or name another folder (--data-dir)',
  })

const cannotServe = (path: string, cause: unknown): AgentError =>
  new AgentError('ERR_CONTROL', `${path}: ${codeOf(cause) ?? messageOf(cause)}`, {
    cause,
    remedy: 'the data folder must exist, and the agent must be allowed to write there',
  })

function serveClient(client: Socket, handlers: ControlHandlers, deadline: AbortSignal): void {
  let heard: Buffer = Buffer.alloc(0)
  const hangUp = () => client.destroy()
  deadline.addEventListener('abort', hangUp)
  client.once('close', () => deadline.removeEventListener('abort', hangUp))
  // A client that goes away is no concern of ours.
  client.on('error', hangUp)
  client.on('data', (chunk: Buffer) => {
    heard = Buffer.concat([heard, chunk])
    const end = heard.indexOf('\n')
    if (end < 0 && heard.length <= MAX_REQUEST_BYTES) return
    client.removeAllListeners('data')
    client.resume()
    if (end < 0 || end > MAX_REQUEST_BYTES) {
      client.end(responseLine(malformed('the request is too long')))
      return
    }
    void answer(heard.toString('utf8', 0, end), handlers).then((line) => client.end(line))
  })
}

/** Never rejects: a handler that fails is told to the client, and must not end the agent. */
async function answer(line: string, handlers: ControlHandlers): Promise<string> {
  const request = parseRequest(line)
  if (!request.ok) return responseLine(request)
  try {
    return responseLine(await answerOf(request.value, handlers))
  } catch (error) {
    return responseLine(malformed(messageOf(error)))
  }
}

async function answerOf(
  asked: ControlRequest,
  handlers: ControlHandlers,
): Promise<Parsed<unknown>> {
  switch (asked.request) {
    case 'status':
      return parsed(await handlers.status())
    case 'findings':
      return parsed((await handlers.findings(asked.limit)).slice(0, asked.limit))
    case 'alerts':
      return parsed((await handlers.alerts(asked.limit)).slice(0, asked.limit))
    default:
      return asked satisfies never
  }
}
