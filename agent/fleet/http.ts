/**
 * One HTTP(S) server of a fleet: a request, and a bounded answer. One connection is kept open from one
 * heartbeat to the next, since a TLS handshake weighs more than all that is said. Secrets are read at
 * each request and certificates at each connection, so both may be renewed while the agent runs.
 */
import { Pool } from 'undici'
import { AgentError } from '../../platform/errors.ts'
import { credentialHeaders } from '../ship/credentials.ts'
import { endpointUrl, wordOf } from '../ship/endpoint.ts'
import { type TlsOptions, tlsOptions } from '../ship/tls.ts'

export interface FleetHttpOptions extends TlsOptions {
  readonly url: string
  readonly bearerFile?: string | undefined
  /** For connecting, and again for request and answer. */
  readonly timeoutMs: number
  /** A connection that was idle for so long is closed; a server may close it sooner. */
  readonly keepAliveMs: number
  /** A longer answer is none. */
  readonly maxAnswerBytes: number
}

export interface FleetAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

export interface FleetHttp {
  /** @throws {AgentError} `ERR_FLEET` or `ERR_ENDPOINT` when no answer came, one line */
  ask(
    request: { readonly method: 'GET' | 'POST'; readonly body?: Uint8Array },
    headers: Readonly<Record<string, string>>,
  ): Promise<FleetAnswer>
  close(): Promise<void>
}

/** @throws {AgentError} `ERR_ENDPOINT` when the URL is none */
export function fleetHttp(options: FleetHttpOptions): FleetHttp {
  const { timeoutMs, keepAliveMs, maxAnswerBytes } = options
  const url = endpointUrl(options.url)
  let pool: Pool | undefined
  return {
    async ask({ method, body }, headers) {
      const signal = AbortSignal.timeout(timeoutMs)
      try {
        pool ??= new Pool(url.origin, {
          ...{ connections: 1, headersTimeout: timeoutMs, bodyTimeout: timeoutMs },
          ...{ keepAliveTimeout: keepAliveMs, keepAliveMaxTimeout: keepAliveMs },
          maxResponseSize: maxAnswerBytes,
          connect: {
            ...{ timeout: timeoutMs, allowH2: false },
            ...(url.protocol === 'https:' ? tlsOptions(options) : {}),
          },
        })
        const response = await pool.request({
          ...{ method, path: url.pathname + url.search, signal, body: body ?? null },
          headers: { ...headers, ...credentialHeaders({ bearerFile: options.bearerFile }) },
        })
        const bytes = Buffer.from(await response.body.arrayBuffer())
        return { status: response.statusCode, headers: response.headers, body: bytes }
      } catch (error) {
        // The next attempt resolves the name and reads the certificates anew.
        const broken = pool
        pool = undefined
        await broken?.destroy().catch(() => {})
        if (error instanceof AgentError) throw error
        const what = signal.aborted ? `no answer within ${timeoutMs} ms` : wordOf(error)
        throw new AgentError('ERR_FLEET', `${url.host}: ${what}`, { cause: error })
      }
    },
    async close() {
      await pool?.destroy()
      pool = undefined
    },
  }
}
