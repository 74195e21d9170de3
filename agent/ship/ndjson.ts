/**
 * NDJSON for any HTTP receiver (Logstash, Vector, Fluent Bit, a webhook): a document a line, and any
 * 2xx takes them all. A receiver that must not see an alert twice after a broken connection tells it
 * by `event.id` and the time of its update.
 *
 * One 2xx is not believed: that of a web page. A captive portal or a login page answers so to
 * everything, and believing it would lose every alert. No receiver of NDJSON answers in HTML
 * documents; several say "ok" as text/html, so that the body tells, and not its type.
 */
import { forPeople, lines, type WireFormat } from './verdict.ts'

const WEB_PAGE =
  /^\ufeff?\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)*<(?:!doctype\s+html|html)\b/i

/** Characters of an answer: enough for a page's head, and a bound for a hostile one. */
const LOOKED_AT = 1_000

/** @param isSingle each request has one document: it is plain JSON then, and says so */
export const ndjsonFormat = (isSingle = false): WireFormat => ({
  contentType: isSingle ? 'application/json' : 'application/x-ndjson',
  path: '',
  encode: lines,
  read: ({ status, body = '' }, parcels) =>
    WEB_PAGE.test(body.slice(0, LOOKED_AT))
      ? {
          kind: 'unavailable',
          reason: `HTTP ${status} with a web page, as of a captive portal: ${forPeople(body)}`,
        }
      : { kind: 'answered', taken: parcels, rejected: [], suspected: [] },
})
