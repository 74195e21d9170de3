import t from 'tap'
import type { FleetAnswer, FleetHttp } from '../../../agent/fleet/http.ts'
import type { Offer } from '../../../agent/fleet/offer.ts'
import { signedFile } from '../../../agent/fleet/signed-file.ts'

/** Answers in turn, then stops; `sleep` notes how long it was asked to. */
async function run(answers: readonly (FleetAnswer | Error)[], random = 0.5) {
  const stop = new AbortController()
  const asked: Readonly<Record<string, string>>[] = []
  const waits: number[] = []
  const offers: Offer[] = []
  const http: FleetHttp = {
    async ask(_, headers) {
      asked.push(headers)
      const answer = answers[asked.length - 1]
      if (asked.length === answers.length) stop.abort()
      if (answer instanceof Error || answer === undefined) throw answer
      return answer
    },
    close: async () => {},
  }
  const source = signedFile({
    ...{ http, intervalMs: 1_000, clock: { now: () => 7 }, random: () => random },
    sleep: async (ms) => void waits.push(ms),
  })
  await source.run(stop.signal, { onOffer: (it) => offers.push(it), onInstanceId() {} })
  return { asked, waits, offers, status: source.status() }
}

const answer = (status: number, body = '', headers = {}): FleetAnswer => {
  return { status, headers, body: Buffer.from(body) }
}

t.test('asks with the ETag, and offers only what is new', async (t) => {
  const { asked, offers, status } = await run([
    answer(200, 'detect: {}', { etag: '"a"' }),
    answer(304),
    answer(200, 'log: {}'),
    answer(304),
  ])
  t.strictSame(asked, [{}, { 'if-none-match': '"a"' }, { 'if-none-match': '"a"' }, {}])
  t.match(offers, [{ texts: ['detect: {}'] }, { texts: ['log: {}'] }])
  t.match(offers[0]?.hash, /^[0-9a-f]{64}$/)
  t.strictSame(status, { failuresInRow: 0, lastContactMs: 7 })
})

t.test('the interval is spread, and the first look more', async (t) => {
  const low = await run([answer(304), answer(304)], 0)
  const high = await run([answer(304), answer(304)], 1)
  t.strictSame(
    [low.waits.slice(0, 2), high.waits.slice(0, 2)],
    [
      [0, 900],
      [500, 1_100],
    ],
  )
})

t.test(
  'while the server is away the waits grow up to a bound, and what it says is kept',
  async (t) => {
    const failures = Array.from({ length: 8 }, () => answer(503))
    const { waits, offers, status } = await run(failures)
    t.strictSame(waits, [250, 1_000, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000, 8_000])
    t.strictSame(offers, [])
    t.match(status, { failuresInRow: 8, failure: 'the server answers 503' })
    const back = await run([new Error('reset'), answer(304)])
    t.strictSame(back.status, { failuresInRow: 0, lastContactMs: 7 })
  },
)

t.test('what is no text is no offer', async (t) => {
  const bytes = { ...answer(200), body: Buffer.from([0xff, 0xfe]) }
  t.match((await run([bytes])).status, { failure: /UTF-8/ })
})
