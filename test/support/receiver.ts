/**
 * A real HTTP receiver on loopback: NDJSON at any path, or the stand-in for Elasticsearch. Each request
 * takes the next fault of `faults`; where there is none left it is served well. A document with
 * `poison` in it is refused for good.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { codeOf } from '../../platform/errors.ts'
import {
  type ElasticsearchOptions,
  type EngineAnswer,
  elasticsearch,
  type ItemFault,
} from './elasticsearch.ts'
import { until } from './until.ts'

const DECODE: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  gzip: (body) => gunzipSync(body),
  zstd: (body) => zstdDecompressSync(body),
}

/**
 * `reset` breaks the connection before anything is taken; `reset-after` and `cut` take all, and then
 * break it before or within the answer; `slow` takes all and never answers; `garbage` is a 200 of
 * something else that took nothing; `items-429` takes every second document, `items-503` none.
 */
export type Fault =
  | 'none'
  | 'reset'
  | 'reset-after'
  | 'cut'
  | 'slow'
  | 'garbage'
  | '429'
  | '503'
  | '413'
  | '400'
  | '401'
  | '404'
  | '301'
  | 'items-429'
  | 'items-503'

export interface ReceivedRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly lines: readonly string[]
}

export interface Receiver {
  readonly url: string
  readonly requests: ReceivedRequest[]
  /** Documents by `_id` (`_bulk`) or by line (NDJSON), and how often each was taken. */
  readonly documents: Map<string, number>
  faults: Fault[]
  /** Bodies longer than this get 413. */
  maxBodyBytes: number
  /** Refuses connections until `up`. */
  down(): Promise<void>
  up(): Promise<void>
  close(): Promise<void>
}

export interface ReceiverOptions extends ElasticsearchOptions {
  readonly tls?: ServerOptions
}

const STREAM = 'logs-tidewatch.alert-default'

const itemFaultOf = (fault: Fault): ItemFault =>
  fault === 'items-429' ? '429' : fault === 'items-503' ? '503' : 'none'

export async function startReceiver(
  kind: 'bulk' | 'ndjson',
  { tls, ...options }: ReceiverOptions = {},
): Promise<Receiver> {
  const poison = { properties: { poison: { type: 'date' } } }
  const engine = elasticsearch({ ...options, mappings: { [STREAM]: poison, ...options.mappings } })
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    void serve(request, response).catch(() => response.destroy())
  }
  const server: Server = tls ? createTlsServer(tls, listener) : createServer(listener)
  let port = 0
  const up = async () => {
    // While it was down, a connection of another program may have been given its port for a moment.
    await until('the port is free', async () => {
      server.listen(port, '127.0.0.1')
      try {
        await once(server, 'listening')
        return true
      } catch (error) {
        if (codeOf(error) === 'EADDRINUSE') return false
        throw error
      }
    })
    port = (server.address() as AddressInfo).port
  }
  const down = async () => {
    if (!server.listening) return
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  await up()

  const receiver: Receiver = {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    requests: [],
    documents: new Map(),
    faults: [],
    maxBodyBytes: Number.POSITIVE_INFINITY,
    down,
    up,
    close: down,
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>))
    const encoding = request.headers['content-encoding'] ?? 'none'
    const text = (DECODE[encoding] ?? ((it: Buffer) => it))(body).toString()
    const lines = text.split('\n').slice(0, -1)
    const { method = '', url = '', headers } = request
    receiver.requests.push({ method, path: url, headers, lines })
    const fault = text.length > receiver.maxBodyBytes ? '413' : (receiver.faults.shift() ?? 'none')
    if (fault === 'reset') return void request.socket.destroy()
    if (fault === 'garbage')
      return send(response, 200, '<html>Welcome to the captive portal</html>')
    if (fault === '429') return send(response, 429, 'slow down', { 'retry-after': '7' })
    if (fault === '301') return send(response, 301, '', { location: 'http://127.0.0.1:1/' })
    if (/^\d+$/.test(fault)) return send(response, Number(fault), `no: \u001b[31m${fault}`)
    const answer = kind === 'bulk' ? takeBulk(request, text, itemFaultOf(fault)) : takeLines(lines)
    if (fault === 'reset-after') return void request.socket.destroy()
    if (fault === 'slow') return
    if (fault === 'cut') {
      response.writeHead(answer.status, { 'content-length': answer.body.length })
      response.write(answer.body.slice(0, answer.body.length / 2))
      setImmediate(() => request.socket.destroy())
      return
    }
    send(response, answer.status, answer.body, answer.headers)
  }

  function takeBulk(
    { method = '', url = '', headers }: IncomingMessage,
    body: string,
    fault: ItemFault,
  ) {
    const before = engine.documents.size
    const answer = engine.answer({ method, url, headers, body }, fault)
    for (const key of [...engine.documents.keys()].slice(before))
      take(key.slice(key.indexOf('/') + 1))
    return answer
  }

  const take = (id: string) => receiver.documents.set(id, (receiver.documents.get(id) ?? 0) + 1)

  function takeLines(lines: readonly string[]): EngineAnswer {
    if (lines.some((line) => line.includes('poison')))
      return { status: 400, headers: {}, body: 'bad document' }
    for (const line of lines) take(JSON.stringify(JSON.parse(line)))
    return { status: 200, headers: {}, body: 'ok, thank you for these lines' }
  }

  return receiver
}

function send(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(body)
}
