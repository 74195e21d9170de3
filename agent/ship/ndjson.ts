/**
 * NDJSON for any HTTP receiver (Logstash, Vector, Fluent Bit, a webhook): a document a line, and a
 * 2xx takes them all, whatever its body says. A receiver that must not see an alert twice after a
 * broken connection tells it by `event.id` and the time of its update.
 */
import { onOneLine, type WireFormat } from './verdict.ts'

export const ndjsonFormat: WireFormat = {
  contentType: 'application/x-ndjson',
  path: '',
  encode: (alerts) => alerts.map(({ document }) => `${onOneLine(document)}\n`).join(''),
  read: (_answer, alerts) => ({ kind: 'answered', taken: alerts, rejected: [], suspected: [] }),
}
