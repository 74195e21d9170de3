import t from 'tap'
import { nearest } from '../../../agent/config/nearest.ts'

const KEYS = ['minObservations', 'minScore', 'timeWindow', 'url', 'enabled', 'poll']

t.test('finds the word that was meant', async (t) => {
  const meant = {
    minObservation: 'minObservations',
    minobservations: 'minObservations',
    minScroe: 'minScore',
    timewindows: 'timeWindow',
    ulr: 'url',
    enable: 'enabled',
  }
  for (const [word, want] of Object.entries(meant)) t.equal(nearest(word, KEYS), want, word)
})

t.test('is silent where nothing is near', async (t) => {
  for (const word of ['colour', 'x', '', 'observationsMinimum']) {
    t.equal(nearest(word, KEYS), undefined, word)
  }
  t.equal(nearest('anything', []), undefined)
})
