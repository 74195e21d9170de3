/**
 * The harmless transfers of `agent simulate`: a receiver of its own that counts, and a sender that posts
 * zeros to it, a connection each. Nothing of this host is in what is sent.
 */
import { createServer, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { type AddressInfo, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { networkScope, parseIp } from '../../platform/address.ts'
import { AgentError, faultOf } from '../../platform/errors.ts'

/** From connect to the answer. */
const SEND_MS = 10_000
const USER_AGENT = 'tidewatch-simulate'

export interface Receiver {
  readonly url: string
  readonly receivedBytes: () => number
  close(): Promise<void>
}

/**
 * Listens on an address of this host, so that what comes to it never leaves the host. Not on loopback
 * where there is another one: an agent takes loopback for no destination.
 * @throws {AgentError} `ERR_SIMULATE` where it can't listen
 */
export async function startReceiver(): Promise<Receiver & { readonly isLoopback: boolean }> {
  let receivedBytes = 0
  const server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => {
      receivedBytes += chunk.length
    })
    request.on('end', () => response.writeHead(204).end())
  })
  const ip = ownAddress() ?? '127.0.0.1'
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new AgentError('ERR_SIMULATE', `${ip}: no receiver (${faultOf(cause)})`, {
          cause,
          remedy: 'give one with --url',
        }),
      ),
    )
    server.listen(0, ip, resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${isIPv6(ip) ? `[${ip}]` : ip}:${port}/`,
    isLoopback: networkScope(ip) === 'loopback',
    receivedBytes: () => receivedBytes,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** IPv4 before IPv6; `undefined` where there is loopback only. */
function ownAddress(): string | undefined {
  const all = Object.values(networkInterfaces())
    .flatMap((cards) => cards ?? [])
    .flatMap(({ address }) => parseIp(address) ?? [])
    .filter((ip) => networkScope(ip) === 'private' || networkScope(ip) === 'external')
  return all.find((ip) => !ip.includes(':')) ?? all[0]
}

/**
 * One transfer, over a connection of its own.
 * @returns why it failed; `undefined` where it was answered, whatever the status
 */
export function sendOnce(url: URL, bytes: number): Promise<string | undefined> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve) => {
    const sending = request(url, {
      ...{ method: 'POST', agent: false, timeout: SEND_MS },
      headers: {
        'user-agent': USER_AGENT,
        'content-type': 'application/octet-stream',
        'content-length': bytes,
        connection: 'close',
      },
    })
    sending.on('response', (response) => {
      response.resume()
      response.on('end', () => resolve(undefined))
      response.on('error', (error) => resolve(faultOf(error)))
    })
    sending.on('timeout', () => sending.destroy(new Error(`no answer within ${SEND_MS} ms`)))
    sending.on('error', (error) => resolve(faultOf(error)))
    sending.end(Buffer.alloc(bytes))
  })
}

/** When the next one is due: the period, shorter or longer by at most its jitter. */
export const nextDelayMs = (periodMs: number, jitter: number, chance: number): number =>
  Math.round(periodMs * (1 + jitter * (2 * chance - 1)))
