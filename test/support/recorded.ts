import type { RecordedConnection } from '../../platform/recordings/zeek-record.ts'

/** A connection of a recording, of which only what matters must be given. */
export const recorded = (fields: Partial<RecordedConnection>): RecordedConnection => ({
  startMs: 1_700_000_000_000,
  sourceIp: '10.0.0.5',
  sourcePort: 40_000,
  destinationIp: '203.0.113.9',
  destinationPort: 443,
  transport: 'tcp',
  sentBytes: 100,
  receivedBytes: 200,
  isTransfer: true,
  isSourceLocal: undefined,
  isDestinationLocal: undefined,
  ...fields,
})
