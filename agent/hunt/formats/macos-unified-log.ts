/** The unified log of macOS, as `log show --style ndjson` and `log stream --style ndjson` write it. */
import { zeroCounters } from '../../../platform/collector.ts'
import { parseLogLine } from '../../../platform/macos/unified-log-entry.ts'
import { unifiedLogStream } from '../../../platform/macos/unified-log-stream.ts'
import type { RecordedFormat } from './format.ts'
import { isAddedJob, streamReader } from './macos-stream.ts'

const ENTRY = /^\{.*"eventMessage"\s*:/
const OWN_FIELD = /"(?:traceID|machTimestamp|processImagePath|senderImagePath)"\s*:/

export const macosUnifiedLog: RecordedFormat = {
  name: 'unified-log',
  description: 'the unified log of macOS (log show --style ndjson)',
  // Text may stand before the first entry.
  is: ({ lines }) => lines.some((line) => ENTRY.test(line) && OWN_FIELD.test(line)),
  open({ sinks }) {
    const counters = zeroCounters()
    const stream = unifiedLogStream('macos.unified_log', counters, { isJob: isAddedJob })
    return streamReader(sinks, stream, counters, parseLogLine)
  },
}
