import t from 'tap'
import { progressBar, progressLine } from '../../../agent/report/progress.ts'

const state = { label: 'Reading', done: 25, total: 100, elapsedMs: 30_000 }

t.test('tells share, detail and time left', async (t) => {
  const line = progressLine({ ...state, detail: '1,234 rows' }, 100)
  t.equal(line, 'Reading ██████░░░░░░░░░░░░░░░░░░  25%  1,234 rows  1 min 30 s left')
})

t.test('tells no time left before it can be known', async (t) => {
  t.notMatch(progressLine({ ...state, elapsedMs: 100 }, 100), 'left')
  t.notMatch(progressLine({ ...state, done: 0 }, 100), 'left')
  t.match(progressLine({ ...state, total: 0 }, 100), / {3}0%$/)
})

t.test('fits the terminal', async (t) => {
  t.equal(progressLine(state, 20).length, 20)
})

t.test('draws on a terminal, not at every step, and wipes its line', async (t) => {
  let [nowMs, written] = [0, '']
  const bar = progressBar({
    write: (text) => {
      written += text
    },
    isTerminal: true,
    width: 100,
    now: () => nowMs,
  })
  for (; nowMs < 1_000; nowMs += 10) bar.update({ label: 'Reading', done: nowMs, total: 1_000 })
  t.equal(written.split('Reading').length - 1, 10)
  bar.end()
  t.ok(written.endsWith('\r\u001b[2K'))
})

t.test('writes nothing where there is no terminal', async (t) => {
  let written = ''
  const bar = progressBar({
    write: (text) => {
      written += text
    },
    isTerminal: false,
    width: 100,
    now: () => 0,
  })
  bar.update({ label: 'Reading', done: 1, total: 2 })
  bar.end()
  t.equal(written, '')
})

t.test('a rate is told once it has settled', async (t) => {
  const state = { label: 'Reading', done: 50, total: 100, rateText: (n: number) => `${n} B/s` }
  t.match(progressLine({ ...state, elapsedMs: 5_000 }, 100), /50% {2}10 B\/s {2}5 s left$/)
  t.notMatch(progressLine({ ...state, elapsedMs: 500 }, 100), 'B/s')
})
