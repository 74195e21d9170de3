/** An output that is posted to: an endpoint, and a wire format for each stream of documents. */
import { AgentError } from '../../platform/errors.ts'
import type { Endpoint } from './endpoint.ts'
import { type Stream, type Target, verdictOnStatus, type WireFormat } from './verdict.ts'

export const httpTarget = (
  endpoint: Endpoint,
  formats: Readonly<Record<Stream, WireFormat>>,
): Target => ({
  place: () => endpoint.url,
  async send(stream, parcels, signal) {
    const format = formats[stream]
    try {
      const { path, contentType } = format
      const answer = await endpoint.post(path, format.encode(parcels), contentType, signal)
      return verdictOnStatus(answer) ?? format.read(answer, parcels)
    } catch (error) {
      if (!(error instanceof AgentError)) throw error
      return { kind: 'unavailable', reason: error.message }
    }
  },
  close: () => endpoint.close(),
})
