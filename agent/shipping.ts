/** The shipper that the configuration asks for; none where it names no endpoint. */
import type { Store } from '../storage/store.ts'
import type { SystemClock } from './clock.ts'
import type { Config } from './config/config.ts'
import { bulkFormat } from './ship/bulk.ts'
import type { Endpoint } from './ship/endpoint.ts'
import { ndjsonFormat } from './ship/ndjson.ts'
import { createShipper, type Shipper } from './ship/shipper.ts'

export interface Shipping {
  readonly shipper: Shipper
  readonly endpoint: Endpoint
}

/** @returns undefined where no endpoint is configured: alerts stay on this host */
export async function createShipping(
  ship: Config['ship'],
  store: Store,
  { clock, random }: { readonly clock: SystemClock; readonly random: () => number },
): Promise<Shipping | undefined> {
  if (ship.url === undefined) return undefined
  // Loaded only where there is an endpoint: the HTTP client is a tenth of the agent's memory.
  const { httpEndpoint } = await import('./ship/endpoint.ts')
  const endpoint = httpEndpoint({
    url: ship.url,
    timeoutMs: ship.timeoutMs,
    ...(ship.apiKeyFile !== undefined && { apiKeyFile: ship.apiKeyFile }),
    ...(ship.basicAuthFile !== undefined && { basicFile: ship.basicAuthFile }),
    ...(ship.bearerFile !== undefined && { bearerFile: ship.bearerFile }),
    ...(ship.caFile !== undefined && { caFile: ship.caFile }),
    ...(ship.clientCertFile !== undefined && { clientCertificateFile: ship.clientCertFile }),
    ...(ship.clientKeyFile !== undefined && { clientKeyFile: ship.clientKeyFile }),
  })
  const shipper = createShipper({
    ...{ output: 'main', store, endpoint, clock, sleep: clock.sleep, random },
    format: ship.format === 'ndjson' ? ndjsonFormat : bulkFormat(ship.dataStream),
    maxAlerts: ship.batchSize,
    maxBackoffMs: ship.maxBackoffMs,
  })
  return { shipper, endpoint }
}
