/**
 * One HTTP(S) endpoint, by undici: posts a body, and gives the answer as far as it came. Secrets are
 * read from their files at each request and certificates at each new connection pool, so both may
 * be renewed while the agent runs. Redirects are not followed: they would carry the key elsewhere.
 */
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { Pool } from 'undici'
import { AgentError, codeOf, messageOf } from '../../platform/errors.ts'
import type { Answer } from './verdict.ts'

export interface EndpointOptions {
  /** Without credentials; they come from one of the files below. */
  readonly url: string
  /** Holds an Elasticsearch API key: as given out (base64), or `id:key`. */
  readonly apiKeyFile?: string
  /** Holds `user:password`. */
  readonly basicFile?: string
  readonly bearerFile?: string
  /** PEM; instead of the authorities that Node trusts. */
  readonly caFile?: string
  /** PEM, both or none. */
  readonly clientCertificateFile?: string
  readonly clientKeyFile?: string
  readonly headers?: Readonly<Record<string, string>>
  /** For connecting, and again for the whole of request and answer. */
  readonly timeoutMs?: number
  readonly isGzip?: boolean
}

export interface Endpoint {
  /** For people: without credentials. */
  readonly url: string
  /**
   * @param path relative to the URL; empty for the URL itself
   * @throws {AgentError} `ERR_ENDPOINT` when no answer came, or what it takes cannot be read
   */
  post(path: string, body: string, contentType: string, signal?: AbortSignal): Promise<Answer>
  close(): Promise<void>
}

const DEFAULT_TIMEOUT_MS = 30_000
/** An answer to 500 alerts is some 100 KB; what is far larger is no answer. */
const MAX_ANSWER_BYTES = 8 * 2 ** 20
const compress = promisify(gzip)

/** @throws {AgentError} `ERR_ENDPOINT` when the URL is none that can be posted to */
export function httpEndpoint(options: EndpointOptions): Endpoint {
  const url = urlOf(options.url)
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS
  let pool: Pool | undefined
  return {
    url: url.href,
    async post(path, body, contentType, signal) {
      const limit = AbortSignal.timeout(timeoutMs)
      try {
        pool ??= new Pool(url.origin, poolOptions(options, timeoutMs))
        const isGzip = options.isGzip ?? true
        const response = await pool.request({
          path: pathOf(url, path),
          method: 'POST',
          headers: {
            ...options.headers,
            ...authorizationOf(options),
            'content-type': contentType,
            accept: 'application/json',
            ...(isGzip ? { 'content-encoding': 'gzip' } : {}),
          },
          body: isGzip ? await compress(body) : body,
          signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
        })
        const retryAfter = response.headers['retry-after']
        const text = await response.body.text().catch(() => undefined)
        return {
          status: response.statusCode,
          ...(typeof retryAfter === 'string' ? { retryAfter } : {}),
          ...(text === undefined ? {} : { body: text }),
        }
      } catch (error) {
        // The next attempt resolves the name and reads the certificates anew.
        const broken = pool
        pool = undefined
        await broken?.destroy().catch(() => {})
        if (error instanceof AgentError) throw error
        throw noAnswer(
          url,
          limit.aborted ? `no answer within ${timeoutMs} ms` : wordOf(error),
          error,
        )
      }
    },
    async close() {
      await pool?.destroy()
      pool = undefined
    },
  }
}

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw new AgentError('ERR_ENDPOINT', 'the endpoint is no http(s) URL without credentials', {
      remedy: 'give https://host:port/path, and the credentials in a file',
    })
  }
  return url
}

function pathOf(url: URL, path: string): string {
  if (path === '') return url.pathname + url.search
  return `${url.pathname.replace(/\/$/, '')}/${path}`
}

function poolOptions(options: EndpointOptions, timeoutMs: number): Pool.Options {
  const { caFile, clientCertificateFile, clientKeyFile } = options
  return {
    connections: 1,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxResponseSize: MAX_ANSWER_BYTES,
    connect: {
      timeout: timeoutMs,
      minVersion: 'TLSv1.2',
      ...(caFile === undefined ? {} : { ca: secretOf(caFile) }),
      ...(clientCertificateFile === undefined ? {} : { cert: secretOf(clientCertificateFile) }),
      ...(clientKeyFile === undefined ? {} : { key: secretOf(clientKeyFile) }),
    },
  }
}

function authorizationOf(options: EndpointOptions): { authorization?: string } {
  const { apiKeyFile, basicFile, bearerFile } = options
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  if (apiKeyFile !== undefined) {
    const key = secretOf(apiKeyFile)
    return { authorization: `ApiKey ${key.includes(':') ? base64(key) : key}` }
  }
  if (basicFile !== undefined) return { authorization: `Basic ${base64(secretOf(basicFile))}` }
  if (bearerFile !== undefined) return { authorization: `Bearer ${secretOf(bearerFile)}` }
  return {}
}

function secretOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new AgentError(
      'ERR_ENDPOINT',
      `${file}: cannot be read (${codeOf(error) ?? 'unknown'})`,
      {
        cause: error,
        remedy: 'check the path, and that the agent may read it',
      },
    )
  }
}

function noAnswer(url: URL, what: string, cause: unknown): AgentError {
  return new AgentError('ERR_ENDPOINT', `${url.host}: ${what}`, {
    cause,
    remedy: 'check the address, the network and the certificates; alerts wait meanwhile',
  })
}

/** Several addresses that were all tried come as one error without a message of its own. */
function wordOf(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error
  return messageOf(first) || (codeOf(first) ?? 'no answer')
}
