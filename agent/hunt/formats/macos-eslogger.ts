/** What `eslogger exec fork exit > FILE` writes: processes of a Mac, and the jobs that launchd starts. */
import { zeroCounters } from '../../../platform/collector.ts'
import { parseEsloggerLine } from '../../../platform/macos/eslogger-event.ts'
import { esloggerStream } from '../../../platform/macos/eslogger-stream.ts'
import type { RecordedFormat } from './format.ts'
import { isAddedJob, streamReader } from './macos-stream.ts'

/** Every message has the token of the process that did it, and no other format has one. */
const MESSAGE = /"audit_token"\s*:/

export const macosEslogger: RecordedFormat = {
  name: 'eslogger',
  description: 'processes of macOS (eslogger exec fork exit)',
  is: ({ text, lines: [first = ''] }) => text.startsWith('{') && MESSAGE.test(first || text),
  open({ sinks }) {
    const counters = zeroCounters()
    const stream = esloggerStream('macos.eslogger', counters, isAddedJob)
    return streamReader(sinks, stream, counters, parseEsloggerLine)
  },
}
