import type { Judge } from '../../agent/hunt/findings.ts'

/**
 * A judge without a detector: what beats to the millisecond recurs, other series of four or more are
 * irregular. The risk is the port of the destination, up to 100.
 */
export const fakeJudge: Judge = {
  assess(observations, _nowMs) {
    const times = observations.map(({ atMs }) => atMs)
    const [firstMs = 0, secondMs = 0] = times
    const periodMs = secondMs - firstMs
    const isSteady = times.every((atMs, i) => atMs === firstMs + i * periodMs)
    const verdict = times.length < 4 ? 'undecided' : isSteady ? 'recurring' : 'irregular'
    const form = `every ${periodMs / 1_000} s`
    return {
      verdict,
      score: isSteady ? 0.9 : 0.1,
      ...(verdict !== 'recurring'
        ? { periods: [] }
        : {
            form,
            periods: [
              { periodMs, model: 'sleep', form, jitter: 0, missedRatio: 0, beats: times.length },
            ],
          }),
      observations: times.length,
      firstMs,
      lastMs: times.at(-1) ?? 0,
      evidence: [{ name: 'steady', value: periodMs, meaning: 'It beats steadily', weight: 3 }],
    }
  },
  risk: ({ identity, senders }) => ({
    score: Math.min(100, identity.destinationPort),
    disposition: 'alert',
    analytic: 'AN1119',
    factors:
      senders === undefined
        ? []
        : [{ name: 'senders', value: senders, meaning: 'Our senders to it', weight: 1 }],
  }),
}
