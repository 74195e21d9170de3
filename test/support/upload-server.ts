/**
 * A receiver of uploads and alerts, run as a program of its own on the other host of a live test:
 * `node upload-server.ts PORT LOG`. Writes one line of JSON a request to LOG: when, path, bytes, body
 * for alerts.
 */
import { appendFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { gunzipSync } from 'node:zlib'

/** One request, as the log tells it. */
export interface ReceivedRequest {
  readonly atMs: number
  readonly path: string
  readonly bytes: number
  /** The body of a request to /alerts, as text. */
  readonly body?: string
}

const [port = '', logPath = ''] = process.argv.slice(2)
if (logPath !== '') {
  const server = createServer((request, response) => {
    const atMs = Date.now()
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      const path = request.url ?? ''
      const isZipped = request.headers['content-encoding'] === 'gzip'
      const text = path.startsWith('/alerts')
        ? String(isZipped ? gunzipSync(body) : body)
        : undefined
      const line: ReceivedRequest = {
        atMs,
        path,
        bytes: body.length,
        ...(text !== undefined && { body: text }),
      }
      appendFileSync(logPath, `${JSON.stringify(line)}\n`)
      response.end('ok\n')
    })
  })
  server.listen(Number(port))
}
