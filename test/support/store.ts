/** Makers of what goes into a store. */
import type { Event } from '../../platform/event.ts'
import type { AlertRecord, Finding } from '../../storage/alert.ts'
import type { Observation } from '../../storage/series.ts'
import type { SeriesObservation } from '../../storage/store.ts'

export const observed = (
  key: string,
  atMs: number,
  rest: Partial<Observation> & { readonly context?: string; readonly latest?: string } = {},
): SeriesObservation => {
  const { context, latest, ...observation } = rest
  return {
    identity: {
      key,
      actor: `/opt/${key}.sh`,
      destinationIp: '203.0.113.7',
      destinationPort: 443,
      transport: 'tcp',
    },
    observation: { atMs, connections: 1, ...observation },
    ...(context === undefined ? {} : { context }),
    ...(latest === undefined ? {} : { latest }),
  }
}

export const connected = (atMs: number, pid = 4711): Event => ({
  kind: 'connection',
  phase: 'start',
  atMs,
  dataset: 'linux.audit',
  transport: 'tcp',
  destination: { ip: `198.51.${Math.trunc(pid / 256) % 256}.${pid % 256}`, port: 443 },
  process: { pid, executable: '/usr/bin/curl', name: 'curl', user: { id: '1000' } },
})

export const alerted = (id: string, updatedMs: number, rest: Partial<AlertRecord> = {}) => ({
  id,
  seriesKey: `series-${id}`,
  createdMs: updatedMs,
  updatedMs,
  document: JSON.stringify({ '@timestamp': new Date(updatedMs).toISOString(), event: { id } }),
  send: true,
  ...rest,
})

export const found = (seriesKey: string, rest: Partial<Finding> = {}): Finding => ({
  seriesKey,
  assessedMs: 1_000,
  verdict: 'recurring',
  score: 0.9,
  risk: 50,
  disposition: 'alert',
  detail: '{}',
  ...rest,
})
