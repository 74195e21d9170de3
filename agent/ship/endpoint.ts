/**
 * One HTTP(S) host, by undici: posts a body, and gives the answer as far as it came. Secrets are read
 * from their files at each request and certificates at each new connection pool, so both may be
 * renewed while the agent runs. Redirects are not followed: they would carry the key elsewhere.
 */
import { promisify } from 'node:util'
import { gzip, zstdCompress } from 'node:zlib'
import { type Dispatcher, Pool } from 'undici'
import { AgentError, codeOf, messageOf } from '../../platform/errors.ts'
import { type CredentialFiles, credentialHeaders } from './credentials.ts'
import { type TlsOptions, tlsOptions } from './tls.ts'
import type { Answer } from './verdict.ts'

export type Compression = 'gzip' | 'zstd' | 'none'

export interface EndpointOptions extends CredentialFiles, TlsOptions {
  /** Without credentials; they come from files. */
  readonly url: string
  readonly method?: 'POST' | 'PUT'
  readonly compression?: Compression
  /** For connecting, and again for the whole of request and answer. */
  readonly timeoutMs?: number
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

export interface HttpEndpoint extends Endpoint {
  /** Asks without telling anything: for checks. @throws {AgentError} as `post` */
  get(path: string): Promise<Answer>
}

const DEFAULT_TIMEOUT_MS = 30_000
/** An answer to 500 alerts is some 100 KB; what is far larger is no answer. */
const MAX_ANSWER_BYTES = 8 * 2 ** 20
const COMPRESS = {
  gzip: promisify(gzip),
  zstd: promisify(zstdCompress),
  none: async (body: string) => body,
} as const

/** @throws {AgentError} `ERR_ENDPOINT` when the URL is none that can be posted to */
export function httpEndpoint(options: EndpointOptions): HttpEndpoint {
  const url = endpointUrl(options.url)
  const { timeoutMs = DEFAULT_TIMEOUT_MS, compression = 'gzip', method = 'POST' } = options
  let pool: Pool | undefined

  async function ask(
    request: Pick<Dispatcher.RequestOptions, 'method' | 'path' | 'body'>,
    headers: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<Answer> {
    const limit = AbortSignal.timeout(timeoutMs)
    try {
      pool ??= new Pool(url.origin, poolOptions(url, options, timeoutMs))
      const response = await pool.request({
        ...request,
        path: pathOf(url, request.path),
        headers: { accept: 'application/json', ...headers },
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
      throw noAnswer(url, limit.aborted ? `no answer within ${timeoutMs} ms` : wordOf(error), error)
    }
  }

  return {
    url: url.href,
    async post(path, body, contentType, signal) {
      const headers = {
        'content-type': contentType,
        ...credentialHeaders(options),
        ...(compression === 'none' ? {} : { 'content-encoding': compression }),
      }
      return ask({ method, path, body: await COMPRESS[compression](body) }, headers, signal)
    },
    get: async (path) => ask({ method: 'GET', path }, credentialHeaders(options)),
    async close() {
      await pool?.destroy()
      pool = undefined
    },
  }
}

/** @throws {AgentError} `ERR_ENDPOINT` when the URL is none that can be posted to */
export function endpointUrl(text: string): URL {
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

function poolOptions(url: URL, options: EndpointOptions, timeoutMs: number): Pool.Options {
  return {
    connections: 1,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxResponseSize: MAX_ANSWER_BYTES,
    connect: {
      timeout: timeoutMs,
      // One request at a time gains nothing by HTTP/2.
      allowH2: false,
      // A resumed session would not be asked for its pin again.
      ...(options.pinnedKeys?.length ? { maxCachedSessions: 0 } : {}),
      ...(url.protocol === 'https:' ? tlsOptions(options) : {}),
    },
  }
}

function noAnswer(url: URL, what: string, cause: unknown): AgentError {
  return new AgentError('ERR_ENDPOINT', `${url.host}: ${what}`, {
    cause,
    remedy: 'check the address, the network and the certificates; alerts wait meanwhile',
  })
}

/** Several addresses that were all tried come as one error without a message of its own. */
export function wordOf(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error
  return messageOf(first) || (codeOf(first) ?? 'no answer')
}
