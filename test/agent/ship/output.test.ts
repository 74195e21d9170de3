import t from 'tap'
import { formatsOf, targetOf } from '../../../agent/ship/output.ts'
import { anOutput } from '../../support/output.ts'

t.test('the formats follow the settings', async (t) => {
  const elastic = formatsOf(anOutput({ dataStream: 'logs-a-b', healthDataStream: 'metrics-a-b' }))
  t.match(elastic.alert.path, /^logs-a-b\/_bulk/)
  t.match(elastic.health.path, /^metrics-a-b\/_bulk/)
  t.match(formatsOf(anOutput({ format: 'ndjson' })).health, { path: '', contentType: /x-ndjson/ })
  const single = formatsOf(anOutput({ format: 'ndjson', batchSize: 1 }))
  t.equal(single.alert.contentType, 'application/json')
})

t.test('a path is a file, a URL an endpoint, one of several by chance', async (t) => {
  t.equal((await targetOf(anOutput({ urls: [], path: '/var/x' }), () => 0)).place(), '/var/x')
  const urls = ['http://a/', 'http://b/', 'http://c/']
  for (const [random, place] of [
    [0, 'http://a/'],
    [0.5, 'http://b/'],
    [0.99, 'http://c/'],
    [1, 'http://a/'],
  ] as const) {
    const target = await targetOf(anOutput({ urls }), () => random)
    t.equal(target.place(), place)
    await target.close()
  }
})
