/**
 * A real HTTP receiver on loopback: NDJSON at any path, and `/<data stream>/_bulk` with the answers
 * that Elasticsearch documents for `create`. Each request takes the next fault of `faults`; where
 * there is none left it is served well. A document with `poison` in it is refused for good.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

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
  | '401'
  | '404'
  | '301'
  | 'items-429'
  | 'items-503'

export interface ReceivedRequest {
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

export async function startReceiver(
  kind: 'bulk' | 'ndjson',
  tls?: ServerOptions,
): Promise<Receiver> {
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    void serve(request, response).catch(() => response.destroy())
  }
  const server: Server = tls ? createTlsServer(tls, listener) : createServer(listener)
  let port = 0
  const up = async () => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
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
    const isGzip = request.headers['content-encoding'] === 'gzip'
    const text = (isGzip ? gunzipSync(body) : body).toString()
    const lines = text.split('\n').slice(0, -1)
    receiver.requests.push({ path: request.url ?? '', headers: request.headers, lines })
    const fault = text.length > receiver.maxBodyBytes ? '413' : (receiver.faults.shift() ?? 'none')
    if (fault === 'reset') return void request.socket.destroy()
    if (fault === 'garbage')
      return send(response, 200, '<html>Welcome to the captive portal</html>')
    if (fault === '429') return send(response, 429, 'slow down', { 'retry-after': '7' })
    if (fault === '301') return send(response, 301, '', { location: 'http://127.0.0.1:1/' })
    if (/^\d+$/.test(fault)) return send(response, Number(fault), `no: \u001b[31m${fault}`)
    const answer = kind === 'bulk' ? takeBulk(lines, fault) : takeLines(lines)
    if (fault === 'reset-after') return void request.socket.destroy()
    if (fault === 'slow') return
    if (fault === 'cut') {
      response.writeHead(200, { 'content-length': answer.body.length })
      response.write(answer.body.slice(0, answer.body.length / 2))
      setImmediate(() => request.socket.destroy())
      return
    }
    send(response, answer.status, answer.body)
  }

  const take = (id: string) => receiver.documents.set(id, (receiver.documents.get(id) ?? 0) + 1)

  function takeLines(lines: readonly string[]): { status: number; body: string } {
    if (lines.some((line) => line.includes('poison'))) return { status: 400, body: 'bad document' }
    for (const line of lines) take(JSON.stringify(JSON.parse(line)))
    return { status: 200, body: 'ok, thank you for these lines' }
  }

  function takeBulk(lines: readonly string[], fault: Fault): { status: number; body: string } {
    const items: unknown[] = []
    for (let i = 0; i + 1 < lines.length; i += 2) {
      const { create } = JSON.parse(lines[i] ?? '') as { create: { _id: string } }
      items.push({
        create: { _id: create._id, ...answerTo(create._id, lines[i + 1] ?? '', fault, i) },
      })
    }
    return { status: 200, body: JSON.stringify({ took: 3, errors: true, items }) }
  }

  function answerTo(id: string, line: string, fault: Fault, i: number): object {
    const failed = (status: number, type: string, reason: string) => ({
      status,
      error: { type, reason, index: '.ds-logs-tidewatch.alert-default-2026.01.01-000001' },
    })
    if (fault === 'items-503') return failed(503, 'unavailable_shards_exception', 'not active')
    if (fault === 'items-429' && i % 4 === 0) {
      return failed(429, 'es_rejected_execution_exception', 'queue capacity 10000')
    }
    JSON.parse(line)
    if (line.includes('poison')) {
      return failed(400, 'document_parsing_exception', 'failed to parse field [poison]')
    }
    if (receiver.documents.has(id)) {
      const reason = `[${id}]: version conflict, document already exists (current version [1])`
      return failed(409, 'version_conflict_engine_exception', reason)
    }
    take(id)
    return { status: 201, result: 'created', _version: 1 }
  }

  return receiver
}

function send(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(body)
}
