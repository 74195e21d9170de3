/** Zeek's conn.log and dns.log: what any log is taken for that is none of the others, and refuses. */
import { zeekReader } from '../../../platform/recordings/zeek-reader.ts'
import type { RecordedFormat } from './format.ts'

export const zeek: RecordedFormat = {
  name: 'zeek',
  description: "Zeek's conn.log and dns.log, text or JSON",
  is: ({ text }) => text.startsWith('#') || text.startsWith('{'),
  open: ({ sinks, intern }) => zeekReader(sinks, intern),
}
