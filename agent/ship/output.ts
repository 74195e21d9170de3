/**
 * One output as it is configured, and the target that it describes. The HTTP client is loaded only
 * where there is an endpoint: it is a tenth of the agent's memory.
 */
import { bulkFormat } from './bulk.ts'
import type { EndpointOptions } from './endpoint.ts'
import { failover } from './failover.ts'
import { fileTarget } from './file-target.ts'
import { httpTarget } from './http-target.ts'
import { ndjsonFormat } from './ndjson.ts'
import type { Stream, Target, WireFormat } from './verdict.ts'

/** As `agent/config/schema-ship.ts` has the settings; `urls` or `path`, never both. */
export interface Output extends Omit<EndpointOptions, 'url'> {
  readonly name: string
  readonly urls: readonly string[]
  readonly path?: string | undefined
  readonly format: 'elasticsearch' | 'ndjson'
  readonly dataStream: string
  readonly healthDataStream: string
  /** Whether it gets the agent's health too. */
  readonly health: boolean
  readonly batchSize: number
  readonly maxBackoffMs: number
  readonly maxSizeBytes: number
  readonly maxFiles: number
}

export function formatsOf(output: Output): Readonly<Record<Stream, WireFormat>> {
  if (output.format === 'ndjson') {
    const format = ndjsonFormat(output.batchSize === 1)
    return { alert: format, health: format }
  }
  return { alert: bulkFormat(output.dataStream), health: bulkFormat(output.healthDataStream) }
}

/**
 * @param random 0 to 1: which of several hosts is asked first
 * @throws {AgentError} `ERR_ENDPOINT` when a URL is none that can be posted to
 */
export async function targetOf(output: Output, random: () => number): Promise<Target> {
  const { urls, path, maxSizeBytes: maxBytes, maxFiles } = output
  if (path !== undefined) return fileTarget({ path, maxBytes, maxFiles })
  const { httpEndpoint } = await import('./endpoint.ts')
  const hosts = urls.map((url) => httpEndpoint({ ...output, url }))
  return httpTarget(
    failover(hosts, Math.floor(random() * hosts.length) % hosts.length),
    formatsOf(output),
  )
}
