/**
 * A fleet without a control plane: a file on any web server or bucket, looked at now and then with its
 * ETag. Nothing is told back; what became of it is in `agent status`, and in the agent's health where
 * an output gets that.
 */
import { createHash } from 'node:crypto'
import { messageOf } from '../../platform/errors.ts'
import type { EpochMs } from '../../platform/event.ts'
import type { FleetAnswer, FleetHttp } from './http.ts'
import type { Offer } from './offer.ts'
import type { FleetSource } from './source.ts'

export interface SignedFileOptions {
  readonly http: FleetHttp
  readonly intervalMs: number
  readonly clock: { now(): EpochMs }
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** 0 to 1. */
  readonly random: () => number
}

/** Longest wait while the server is away, in intervals. */
const MAX_BACKOFF = 8
/** Of an interval, more or less. */
const JITTER_RATIO = 0.1
/** Hosts that start together, as after a power cut, first ask within this share of an interval. */
export const FIRST_SPREAD_RATIO = 0.5

export function signedFile(options: SignedFileOptions): FleetSource {
  const { http, intervalMs, clock, sleep, random } = options
  let etag: string | undefined
  let lastContactMs: EpochMs | undefined
  let failuresInRow = 0
  let failure: string | undefined

  async function look(onOffer: (offer: Offer) => void): Promise<void> {
    try {
      const headers = etag === undefined ? {} : { 'if-none-match': etag }
      const answer = await http.ask({ method: 'GET' }, headers)
      if (answer.status !== 304) {
        const text = textOf(answer)
        etag = typeof answer.headers['etag'] === 'string' ? answer.headers['etag'] : undefined
        onOffer({ hash: createHash('sha256').update(text).digest('hex'), texts: [text] })
      }
      lastContactMs = clock.now()
      failuresInRow = 0
      failure = undefined
    } catch (error) {
      failuresInRow++
      failure = messageOf(error)
    }
  }

  return {
    async run(signal, { onOffer }) {
      await sleep(random() * FIRST_SPREAD_RATIO * intervalMs, signal)
      while (!signal.aborted) {
        await look(onOffer)
        // Full jitter while it is away: whoever failed together does not come back together.
        const waitMs =
          failuresInRow > 1
            ? (0.5 + random()) * intervalMs * Math.min(MAX_BACKOFF, 2 ** (failuresInRow - 2))
            : intervalMs * (1 + (2 * random() - 1) * JITTER_RATIO)
        await sleep(waitMs, signal)
      }
      await http.close()
    },
    report() {},
    status: () => ({
      failuresInRow,
      ...(lastContactMs !== undefined && { lastContactMs }),
      ...(failure !== undefined && { failure }),
    }),
  }
}

/** @throws {Error} that says what is wrong, one line */
function textOf({ status, body }: FleetAnswer): string {
  if (status !== 200) throw new Error(`the server answers ${status}`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw new Error('the file is not UTF-8 text')
  }
}
