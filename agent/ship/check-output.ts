/**
 * Looks whether an output would take what is sent to it, without sending anything: for a person who
 * sets it up. Each host of it is asked for itself: is it there, is the connection secure, does it know
 * us, may we write.
 *
 * Elasticsearch tells exactly what a credential may do. OpenSearch and proxies do not: there an empty
 * `_bulk`, which must be refused as such, shows only that the credential is known. Of other receivers
 * nothing is known but that they do not answer 401 or 403 to a GET.
 */
import { access, constants } from 'node:fs/promises'
import { dirname } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { AgentError, codeOf, messageOf } from '../../platform/errors.ts'
import type { EpochMs } from '../../platform/event.ts'
import {
  type EndpointOptions,
  endpointUrl,
  type HttpEndpoint,
  httpEndpoint,
  wordOf,
} from './endpoint.ts'
import type { Output } from './output.ts'
import { pinOf, tlsOptions } from './tls.ts'
import { type Answer, forPeople } from './verdict.ts'

export interface CheckStep {
  readonly what: 'reachable' | 'secure' | 'authenticated' | 'authorized' | 'writable'
  readonly result: 'ok' | 'warning' | 'failed'
  /** One line: what was found. */
  readonly detail: string
  readonly remedy?: string
}

export interface OutputCheck {
  readonly output: string
  /** A host's URL, or a path. */
  readonly place: string
  /** In order; none comes after one that failed. */
  readonly steps: readonly CheckStep[]
}

export interface CheckOptions {
  readonly nowMs: EpochMs
  /** For each step. */
  readonly timeoutMs?: number
}

const DAY_MS = 86_400_000
/** A certificate that ends sooner is told. */
const SOON_DAYS = 14

/** One entry for each host, or for the file. Never rejects for what the outside does. */
export async function checkOutput(
  output: Output,
  { nowMs, timeoutMs = 10_000 }: CheckOptions,
): Promise<readonly OutputCheck[]> {
  const { name, path, urls } = output
  if (path !== undefined) return [{ output: name, place: path, steps: [await checkFolder(path)] }]
  return Promise.all(
    urls.map(async (url) => {
      const ask = (endpoint: HttpEndpoint) =>
        output.format === 'ndjson' ? askReceiver(endpoint) : askCluster(endpoint, output)
      const steps = await checkHost({ ...output, timeoutMs, url }, nowMs, timeoutMs, ask)
      return { output: name, place: url, steps }
    }),
  )
}

/**
 * The same for a server that is no output, a fleet's.
 * @param wanted whether a GET must find something there
 */
export async function checkServer(
  name: string,
  options: EndpointOptions,
  wanted: boolean,
  { nowMs, timeoutMs = 10_000 }: CheckOptions,
): Promise<OutputCheck> {
  const ask = async (endpoint: HttpEndpoint): Promise<readonly CheckStep[]> => {
    const answer = await endpoint.get('')
    if (answer.status === 401 || answer.status === 403) return [unknown(answer)]
    const detail = `HTTP ${answer.status} to a GET`
    if (!wanted || answer.status === 200) return [{ what: 'authenticated', result: 'ok', detail }]
    return [{ what: 'authorized', result: 'failed', detail, remedy: 'check the URL of the file' }]
  }
  const steps = await checkHost({ ...options, timeoutMs }, nowMs, timeoutMs, ask)
  return { output: name, place: endpointUrl(options.url).host, steps }
}

async function checkFolder(path: string): Promise<CheckStep> {
  const folder = dirname(path)
  try {
    await access(folder, constants.W_OK)
    return { what: 'writable', result: 'ok', detail: `${folder} can be written` }
  } catch (error) {
    const detail = `${folder} cannot be written (${codeOf(error) ?? messageOf(error)})`
    return {
      ...{ what: 'writable', result: 'failed', detail },
      remedy: 'make the folder, and let the agent write there',
    }
  }
}

async function checkHost(
  options: EndpointOptions,
  nowMs: EpochMs,
  timeoutMs: number,
  ask: (endpoint: HttpEndpoint) => Promise<readonly CheckStep[]>,
): Promise<readonly CheckStep[]> {
  const { url } = options
  const steps: CheckStep[] = []
  let endpoint: HttpEndpoint | undefined
  try {
    const { protocol } = endpointUrl(url)
    if (protocol === 'https:') {
      steps.push(...(await checkTls(options, endpointUrl(url), nowMs, timeoutMs)))
      if (steps.some(({ result }) => result === 'failed')) return steps
    }
    endpoint = httpEndpoint({ ...options, method: 'POST', compression: 'gzip' })
    const asked = await ask(endpoint)
    if (protocol === 'http:') {
      steps.push(
        { what: 'reachable', result: 'ok', detail: 'it answers' },
        {
          ...{ what: 'secure', result: 'warning', detail: 'not encrypted: http' },
          remedy: 'use https, so that no one in between reads or forges an answer',
        },
      )
    }
    return [...steps, ...asked]
  } catch (error) {
    if (!(error instanceof AgentError)) throw error
    const { message: detail, remedy } = error
    const what = steps.length === 0 ? 'reachable' : 'authenticated'
    return [
      ...steps,
      { what, result: 'failed', detail, ...(remedy === undefined ? {} : { remedy }) },
    ]
  } finally {
    await endpoint?.close()
  }
}

async function checkTls(
  options: EndpointOptions,
  url: URL,
  nowMs: EpochMs,
  timeoutMs: number,
): Promise<readonly CheckStep[]> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  let isConnected = false
  try {
    const socket = await new Promise<TLSSocket>((resolve, reject) => {
      const name = /^[\d.]+$|:/.test(host) ? {} : { servername: host }
      const place = { ...name, host, port: Number(url.port) || 443, timeout: timeoutMs }
      const it = connect({ ...tlsOptions(options), ...place })
      it.once('timeout', () => it.destroy(new Error(`no answer within ${timeoutMs} ms`)))
      it.once('connect', () => {
        isConnected = true
      })
      it.once('secureConnect', () => resolve(it)).once('error', reject)
    })
    const certificate = socket.getPeerCertificate()
    const protocol = socket.getProtocol()
    socket.destroy()
    const days = Math.floor((Date.parse(certificate.valid_to) - nowMs) / DAY_MS)
    return [
      { what: 'reachable', result: 'ok', detail: 'it answers' },
      {
        what: 'secure',
        result: days < SOON_DAYS ? 'warning' : 'ok',
        detail: `${protocol}, certificate ends in ${days} days, key ${pinOf(certificate.raw)}`,
      },
    ]
  } catch (error) {
    const what = isConnected || error instanceof AgentError ? 'secure' : 'reachable'
    const remedy =
      what === 'secure'
        ? 'check caFile, the client certificate, pinnedKeys, and the name in the URL'
        : 'check the address and the network'
    return [{ what, result: 'failed', detail: forPeople(wordOf(error)), remedy }]
  }
}

async function askCluster(
  endpoint: HttpEndpoint,
  { dataStream, healthDataStream, health }: Output,
): Promise<readonly CheckStep[]> {
  const names = health ? [dataStream, healthDataStream] : [dataStream]
  const wanted = { index: [{ names, privileges: ['create_doc', 'auto_configure'] }] }
  const path = '_security/user/_has_privileges'
  const answer = await endpoint.post(path, JSON.stringify(wanted), 'application/json')
  if (answer.status === 200) {
    const isAllowed = /"has_all_requested"\s*:\s*true/.test(answer.body ?? '')
    return [
      { what: 'authenticated', result: 'ok', detail: 'the credential is known' },
      isAllowed
        ? { what: 'authorized', result: 'ok', detail: `may write to ${names.join(', ')}` }
        : {
            what: 'authorized',
            result: 'failed',
            detail: `may not write to all of ${names.join(', ')}`,
            remedy: 'the role needs create_doc and auto_configure on them',
          },
    ]
  }
  if (answer.status === 401) return [unknown(answer)]
  const bulk = await endpoint.post(
    `${encodeURIComponent(dataStream)}/_bulk`,
    '',
    'application/x-ndjson',
  )
  if (bulk.status === 401) return [unknown(bulk)]
  // The engine refuses it in its own words; a proxy's 400 is about the request, or a certificate.
  const isOfEngine = bulk.status === 400 && /^\s*\{\s*"error"/.test(bulk.body ?? '')
  if (!isOfEngine) return [notFitting(bulk)]
  return [
    {
      what: 'authenticated',
      result: 'ok',
      detail: 'a request is read; its rights show when it writes',
    },
  ]
}

async function askReceiver(endpoint: HttpEndpoint): Promise<readonly CheckStep[]> {
  const answer = await endpoint.get('')
  if (answer.status === 401 || answer.status === 403) return [unknown(answer)]
  const detail = `HTTP ${answer.status} to a GET; whether it takes alerts shows when it gets one`
  return [{ what: 'authenticated', result: answer.status >= 500 ? 'warning' : 'ok', detail }]
}

const unknown = ({ status, body = '' }: Answer): CheckStep => ({
  what: 'authenticated',
  result: 'failed',
  detail: forPeople(`HTTP ${status}: ${body}`),
  remedy: 'check the file with the key, token or password',
})

const notFitting = ({ status, body = '' }: Answer): CheckStep => ({
  what: 'authorized',
  result: 'failed',
  detail: forPeople(`HTTP ${status} to an empty _bulk: ${body}`),
  remedy: 'check that the URL is that of Elasticsearch or OpenSearch, and the rights there',
})
