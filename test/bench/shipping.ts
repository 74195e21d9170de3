/**
 * What shipping costs: alerts a second from the outbox to a `_bulk` server on loopback, beside Elastic's
 * own client doing the same with the documents in memory; and bytes on the wire, over TLS, of an alert
 * and of a report of health. The server answers as little as it can, and is in the same process for both.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect, createServer as createTcpServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { Client } from '@elastic/elasticsearch'
import { composeAlert } from '../../agent/alert/compose.ts'
import { systemClock } from '../../agent/clock.ts'
import { healthDocument } from '../../agent/health-document.ts'
import { targetOf } from '../../agent/ship/output.ts'
import { createShipper } from '../../agent/ship/shipper.ts'
import { openStore } from '../../storage/database.ts'
import { authority } from '../support/certificates.ts'
import { finding, host, MINUTE_MS, START_MS } from '../support/findings.ts'
import { anOutput } from '../support/output.ts'
import { aStatus } from '../support/status.ts'
import { until } from '../support/until.ts'
import { median } from './audit-parse.ts'

const ALERTS = 5_000
const RUNS = 3
const BATCH = 200
const DAY_REPORTS = 288
const STREAM = 'logs-tidewatch.alert-default'

export interface ShippingCost {
  readonly alertsPerSecond: number
  readonly clientAlertsPerSecond: number
  /** On the wire in both directions, in a batch of 200 much alike, compressed, over TLS. */
  readonly alertBytes: number
  /** Likewise, on a connection of its own that resumes the last one's TLS session. */
  readonly healthBytes: number
  /** At the default interval, without alerts. */
  readonly hostBytesPerDay: number
}

const answer: RequestListener = async (request, response) => {
  const chunks = await Array.fromAsync(request as AsyncIterable<Buffer>)
  const whole = Buffer.concat(chunks)
  const isZipped = request.headers['content-encoding'] === 'gzip'
  const lines = String(isZipped ? gunzipSync(whole) : whole).split('\n')
  const items = lines
    .filter((_, i) => i % 2 === 0 && i + 1 < lines.length)
    .map((line) => `{"create":{"_id":"${JSON.parse(line).create._id}","status":201}}`)
  response.writeHead(200, {
    'content-type': 'application/vnd.elasticsearch+json;compatible-with=9',
    'x-elastic-product': 'Elasticsearch',
  })
  response.end(`{"errors":false,"took":1,"items":[${items.join(',')}]}`)
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** Passes bytes on, and counts them. */
async function counter(to: number) {
  let [bytes, open] = [0, 0]
  const server = createTcpServer((socket) => {
    const onward = connect(to, '127.0.0.1')
    open++
    socket.once('close', () => open--)
    for (const [from, into] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      from.on('data', (chunk) => {
        bytes += chunk.length
      })
      from.on('error', () => into.destroy())
      from.pipe(into)
    }
  })
  return {
    port: await listening(server),
    bytes: () => bytes,
    open: () => open,
    close: () => server.close(),
  }
}

const episode = {
  startMs: START_MS,
  lastMs: START_MS,
  beats: 12,
  periodMs: MINUTE_MS,
  model: 'clock' as const,
}
const documents = Array.from({ length: ALERTS }, (_, i) => {
  const id = i.toString(16).padStart(32, '0')
  return {
    id,
    document: composeAlert({
      ...finding,
      id,
      createdMs: START_MS + i,
      nowMs: START_MS + i,
      episode,
    }),
  }
})

function outboxWith(folder: string, count: number) {
  const store = openStore({ folder })
  const alerts = documents.slice(0, count).map(({ id, document }, i) => {
    return { id, seriesKey: id, createdMs: i, updatedMs: i, document, send: true }
  })
  store.record({ alerts })
  return store
}

export async function benchShipping(): Promise<ShippingCost> {
  const folder = mkdtempSync(join(tmpdir(), 'tidewatch-bench-'))
  const ca = authority(folder)
  if (ca === undefined) throw new Error('needs openssl')
  const server = createServer(answer)
  const tlsServer = createTlsServer(ca.sign('server'), answer)
  const port = await listening(server)
  const wire = await counter(await listening(tlsServer))
  const client = new Client({ node: `http://127.0.0.1:${port}`, compression: true })
  let run = 0

  async function shipped(url: string, count: number, caFile?: string) {
    const store = outboxWith(join(folder, `data-${run++}`), count)
    const target = await targetOf(anOutput({ urls: [url], caFile, batchSize: BATCH }), () => 0)
    const clock = systemClock()
    const shipper = createShipper({
      ...{ output: 'main', store, target, clock, sleep: clock.sleep, random: Math.random },
      maxAlerts: BATCH,
    })
    const startMs = performance.now()
    if (!(await shipper.flush())) throw new Error(shipper.status().lastAnswer)
    const perSecond = (count / (performance.now() - startMs)) * 1_000
    return { perSecond, target, close: () => target.close().finally(() => store.close()) }
  }
  async function byClient(): Promise<number> {
    const startMs = performance.now()
    await client.helpers.bulk({
      datasource: documents,
      onDocument: ({ id }) => ({ create: { _index: STREAM, _id: id } }),
      flushBytes: BATCH * 2_000,
      concurrency: 1,
    })
    return (ALERTS / (performance.now() - startMs)) * 1_000
  }

  try {
    const [ours, theirs]: [number[], number[]] = [[], []]
    for (let i = 0; i < RUNS; i++) {
      const one = await shipped(`http://127.0.0.1:${port}`, ALERTS)
      await one.close()
      ours.push(one.perSecond)
      theirs.push(await byClient())
    }
    const secure = await shipped(`https://127.0.0.1:${wire.port}`, BATCH, ca.caFile)
    await secure.close()
    const alertBytes = wire.bytes() / BATCH
    const output = anOutput({ urls: [`https://127.0.0.1:${wire.port}`], caFile: ca.caFile })
    const target = await targetOf(output, () => 0)
    const nowMs = aStatus.startedMs ?? 0
    const report = healthDocument({ status: aStatus, host, nowMs, intervalMs: 300_000 })
    await target.send('health', [report])
    await until('the idle connection is closed, as between two reports', () => wire.open() === 0)
    const before = wire.bytes()
    await target.send('health', [report])
    await target.close()
    const healthBytes = wire.bytes() - before
    return {
      alertsPerSecond: median(ours),
      clientAlertsPerSecond: median(theirs),
      alertBytes,
      healthBytes,
      hostBytesPerDay: healthBytes * DAY_REPORTS,
    }
  } finally {
    await client.close()
    for (const one of [server, tlsServer, wire]) one.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

if (import.meta.main)
  process.stdout.write(`${JSON.stringify(await benchShipping(), undefined, 2)}\n`)
