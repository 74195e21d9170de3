/**
 * The servers of `fleet.ts`, as a process of their own: Elastic's OpAMP server and a receiver of `_bulk`,
 * both with mutual TLS, on loopback. Asked over the parent's channel; answers with what it counted.
 */
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { MockOpAMPServer } from '@elastic/mockopampserver'
import { startReceiver } from '../support/receiver.ts'

export interface ServerTls {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

export type Ask =
  | { readonly ask: 'start'; readonly tls: ServerTls }
  | { readonly ask: 'push'; readonly text: string }
  | { readonly ask: 'down' | 'up' | 'count' }

/** Since the last time it was asked. */
export interface Count {
  /** By second: an entry for each, also for those without any. */
  readonly opamp: readonly number[]
  readonly bulk: readonly number[]
  /** Both ways, with TLS and without TCP and IP. */
  readonly opampBytes: number
  /** Of bodies as sent. */
  readonly bulkBytes: number
}

export interface Started {
  readonly opampUrl: string
  readonly bulkUrl: string
}

const HOST = '127.0.0.1'
const SECOND_MS = 1_000

async function serve({ ca, cert, key }: ServerTls) {
  const tls = { ca, cert, key, requestCert: true }
  const make = (port: number) =>
    new MockOpAMPServer({ hostname: HOST, port, logLevel: 'fatal', ...tls })
  const receiver = await startReceiver('bulk', { tls: { ...tls, rejectUnauthorized: true } })
  let opamp = make(0)
  let offered: object | undefined
  let port = 0
  let opampSeconds: number[] = []
  let bulkSeconds: number[] = []
  let bulkSeen = 0
  let opampRequests = 0
  let bytes = 0
  const sockets = new Map<Socket, number>()

  const watch = (server: Server): void => {
    // Node keeps idle connections for 5 s only, nginx and its like for a minute and more.
    server.keepAliveTimeout = 120_000
    server.on('request', () => opampRequests++)
    server.on('connection', (socket: Socket) => {
      sockets.set(socket, 0)
      socket.once('close', () => {
        note(socket)
        sockets.delete(socket)
      })
    })
  }
  const note = (socket: Socket): void => {
    const total = socket.bytesRead + socket.bytesWritten
    bytes += total - (sockets.get(socket) ?? 0)
    sockets.set(socket, total)
  }
  const up = async (): Promise<void> => {
    opamp = make(port)
    if (offered !== undefined) opamp.setAgentConfigMap(offered)
    watch(opamp._server)
    await opamp.start()
    port = (opamp._server.address() as AddressInfo).port
  }
  await up()
  setInterval(() => {
    opampSeconds.push(opampRequests)
    opampRequests = 0
    bulkSeconds.push(receiver.requests.length - bulkSeen)
    bulkSeen = receiver.requests.length
  }, SECOND_MS)

  return {
    started: { opampUrl: opamp.endpoint, bulkUrl: receiver.url } satisfies Started,
    push(text: string) {
      offered = { configMap: { '': { body: Buffer.from(text), contentType: 'application/json' } } }
      opamp.setAgentConfigMap(offered)
    },
    async down() {
      const closed = once(opamp._server, 'close')
      opamp._server.close()
      opamp._server.closeAllConnections()
      await Promise.all([closed, receiver.down()])
    },
    async up() {
      await Promise.all([up(), receiver.up()])
    },
    count(): Count {
      for (const socket of sockets.keys()) note(socket)
      const bulkBytes = receiver.requests
        .splice(0)
        .reduce((sum, { headers }) => sum + Number(headers['content-length'] ?? 0), 0)
      const counted = { opamp: opampSeconds, bulk: bulkSeconds, opampBytes: bytes, bulkBytes }
      opampSeconds = []
      bulkSeconds = []
      bulkSeen = 0
      bytes = 0
      return counted
    },
  }
}

if (process.send !== undefined) {
  const answer = (value: unknown): void => void process.send?.(value)
  let servers: Awaited<ReturnType<typeof serve>> | undefined
  process.on('message', async (message: Ask) => {
    switch (message.ask) {
      case 'start':
        servers = await serve(message.tls)
        return answer(servers.started)
      case 'push':
        return answer(servers?.push(message.text) ?? {})
      case 'count':
        return answer(servers?.count())
      default:
        await servers?.[message.ask]()
        return answer({})
    }
  })
  process.once('disconnect', () => process.exit())
}
