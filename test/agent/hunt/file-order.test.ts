import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { probe, readInOrder } from '../../../agent/hunt/file-order.ts'
import type { Event } from '../../../platform/event.ts'
import { addressBook } from '../../../platform/recordings/zeek-reader.ts'
import { cronLog } from '../../support/linux-host.ts'
import { beats, connLog, dnsLog } from '../../support/zeek-log.ts'

const START = Date.UTC(2026, 10, 2)
const MINUTE = 60_000
const jobs = (fromMinute: number, count: number) => [
  {
    ...{ script: '/a', destination: '', port: 0, sentBytes: 0, pid: 100 },
    startsMs: Array.from({ length: count }, (_, i) => START + (fromMinute + i) * MINUTE),
  },
]

async function read(paths: readonly string[]) {
  const probed = await Promise.all(paths.map((path) => probe(path, 'UTC')))
  const order: string[] = []
  const ticks: [number, number][] = []
  const sinksOf = (path: string) => ({
    connection: () => order.push(path),
    name: () => order.push(path),
    event: (_host: string, { atMs }: Event) => order.push(`${path} ${(atMs - START) / MINUTE}`),
  })
  const reports = await readInOrder(
    probed,
    sinksOf,
    { intern: addressBook(), timeZone: 'UTC' },
    (...tick) => ticks.push(tick),
  )
  return { order, reports, ticks }
}

t.test('rotated files follow each other, whatever their names and order', async (t) => {
  const folder = t.testdir({
    'a.log': cronLog(jobs(600, 300), 'web1'),
    'b.log': gzipSync(cronLog(jobs(0, 300), 'web1')),
    'c.log': cronLog(jobs(300, 300), 'web1'),
  })
  const { order, reports } = await read(
    ['a.log', 'b.log', 'c.log'].map((name) => join(folder, name)),
  )
  const minutes = order.map((line) => Number(line.split(' ').at(-1)))
  t.strictSame(
    minutes,
    Array.from({ length: 900 }, (_, i) => i),
  )
  t.strictSame(
    reports.map(({ counts }) => counts.rows),
    [300, 300, 300],
    'reports are in the order given',
  )
})

t.test('files of one time are read side by side', async (t) => {
  const count = 20_000
  const folder = t.testdir({ a: cronLog(jobs(0, count), 'a'), b: cronLog(jobs(0, count), 'b') })
  const { order } = await read([join(folder, 'a'), join(folder, 'b')])
  const firstOfB = order.findIndex((line) => line.startsWith(join(folder, 'b')))
  t.ok(firstOfB < count / 2, `b begins after ${firstOfB} of a's ${count}`)
})

t.test('names come before connections', async (t) => {
  const folder = t.testdir({
    'conn.log': connLog(beats(3, 600)),
    'dns.log': dnsLog([[1_699_999_999, '10.0.0.5', 'cdn.example', '203.0.113.9']]),
    none: 'Lorem ipsum',
  })
  const paths = ['conn.log', 'none', 'dns.log', 'missing'].map((name) => join(folder, name))
  const { order, reports, ticks } = await read(paths)
  t.strictSame(order, [join(folder, 'dns.log'), ...Array(3).fill(join(folder, 'conn.log'))])
  t.strictSame(
    reports.map(({ path }) => path),
    paths,
  )
  t.match(reports[3], { error: { message: /no such file/ } })
  t.strictSame(
    ticks.toSorted(([a], [b]) => a - b),
    ticks,
    'progress never goes back',
  )
})
