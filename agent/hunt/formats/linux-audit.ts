/**
 * The Linux audit log (audit.log) and what auditd's dispatcher hands on in `string` format, of one
 * machine or, by `node=`, of several.
 */
import type { CollectorCounters } from '../../../platform/collector.ts'
import { zeroCounters } from '../../../platform/collector.ts'
import type { Event } from '../../../platform/event.ts'
import { parseAuditRecord } from '../../../platform/linux/audit-record.ts'
import { type AuditStream, auditStream } from '../../../platform/linux/audit-stream.ts'
import { lineSplitter } from '../../../platform/shared/lines.ts'
import type { FileSinks, RecordedFormat, RecordReader } from './format.ts'

const RECORD = /^(?:node=\S+ )?type=\S+ msg=audit\(/
const MAX_TOLD_FAULTS = 5

export const linuxAudit: RecordedFormat = {
  name: 'audit',
  description: 'Linux audit.log, and records of auditd’s dispatcher',
  is: ({ lines }) => lines.some((line) => RECORD.test(line)),
  open: ({ sinks }) => auditReader(sinks),
}

/** The streams of the nodes of one recording: serials are numbered by each. */
export function auditNodes(hand: (host: string, events: readonly Event[]) => void): {
  push(lines: readonly string[]): void
  end(): void
  readonly counters: CollectorCounters
} {
  const counters = zeroCounters()
  const nodes = new Map<string, AuditStream>()

  function streamOf(node: string): AuditStream {
    const known = nodes.get(node)
    if (known !== undefined) return known
    const stream = auditStream({ counters })
    nodes.set(node, stream)
    return stream
  }

  return {
    counters,
    push(lines) {
      // Runs of lines of one node go as one: nearly always all of them.
      for (let from = 0; from < lines.length; ) {
        const node = nodeOf(lines[from] as string)
        let to = from + 1
        while (to < lines.length && nodeOf(lines[to] as string) === node) to++
        const run = from === 0 && to === lines.length ? lines : lines.slice(from, to)
        hand(node, streamOf(node).push(run))
        from = to
      }
    },
    end() {
      for (const [node, stream] of nodes) hand(node, stream.end())
    },
  }
}

function auditReader(sinks: FileSinks): RecordReader {
  const splitter = lineSplitter()
  const faults: { line: number; reason: string }[] = []
  let connections = 0
  let overlong = 0
  let line = 0
  const nodes = auditNodes((host, events) => {
    for (const event of events) {
      if (event.kind === 'connection') connections++
      sinks.event(host, event)
    }
  })

  function readLines(lines: readonly string[]): void {
    const before = nodes.counters.malformed
    nodes.push(lines)
    if (nodes.counters.malformed > before) findFaults(lines)
    line += lines.length + splitter.overlong - overlong
    overlong = splitter.overlong
  }

  /** The stream only counts them: they are few, and looked for once more. */
  function findFaults(lines: readonly string[]): void {
    for (const [i, text] of lines.entries()) {
      if (faults.length >= MAX_TOLD_FAULTS) return
      const record = parseAuditRecord(text)
      if (text !== '' && !record.ok) faults.push({ line: line + i + 1, reason: record.reason })
    }
  }

  return {
    get counts() {
      const { received, ignored, malformed, lost, missed } = nodes.counters
      return {
        rows: received + overlong,
        connections,
        names: 0,
        ignored,
        malformed: malformed + lost + overlong,
        missing: missed,
      }
    },
    faults,
    refusal: undefined,
    push: (chunk) => readLines(splitter.push(chunk)),
    end() {
      const last = splitter.flush()
      readLines(last === undefined ? [] : [last])
      nodes.end()
    },
  }
}

/** `web1` of `node=web1 type=…`. */
const nodeOf = (line: string): string =>
  line.startsWith('node=') ? line.slice('node='.length, line.indexOf(' ')) : ''
