/** The whole agent on this host with a fleet: a signed file on loopback. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { systemClock } from '../../agent/clock.ts'
import { askAgent } from '../../agent/control/client.ts'
import { runAgent } from '../../agent/run-agent.ts'
import { filePart, fleetKey } from '../support/fleet.ts'
import { socketFolder } from '../support/socket-folder.ts'
import { until as within } from '../support/until.ts'

const skip = process.platform !== 'linux' && 'the live sensor runs on Linux only'
const key = fleetKey()
/** The whole agent starts and settles: on a busy machine that takes its time. */
const until = (what: string, check: () => Promise<boolean>) => within(what, check, 60_000)

t.test('takes over what its fleet gives, in place and by a new sensor', { skip }, async (t) => {
  let body = ''
  const server = createServer((_, response) => {
    response.writeHead(200, { etag: `"${body.length}"` }).end(body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const dataDir = join(socketFolder(t), 'data')
  const controlPath = join(dataDir, 'control.sock')
  const loaded = filePart(
    `fleet: { url: "http://127.0.0.1:${port}/f", protocol: file, interval: 1s, trial: 1s, publicKeys: [${key.publicText}] }`,
  )
  const stop = new AbortController()
  const said: string[] = []
  const view = { collectors() {}, findings() {}, message: (line: string) => void said.push(line) }
  const ended = runAgent(
    {
      ...{ version: '0', loaded, config: loaded.config, dataDir, view, signal: stop.signal },
      clock: systemClock(),
    },
    { platform: process.platform },
  )
  // Between two sensors nobody answers, and who was asking is hung up on.
  const fleet = async () =>
    (await askAgent(controlPath, { request: 'status' }).catch(() => undefined))?.fleet
  const isGood = async (version: number) => {
    const { current } = (await fleet()) ?? {}
    return current?.version === version && !current.isOnTrial
  }
  body = key.sign({ version: 1, config: 'detect: { destIpAllowlist: [192.0.2.7] }' })
  await until('an allowlist entry is good', () => isGood(1))
  body = key.sign({ version: 2, config: 'collect: { linux: { procNet: { poll: 9s } } }' })
  await until('a new sensor is good', () => isGood(2))
  body = key.sign({ version: 1, config: 'detect: {}' })
  await until('an old version is refused', async () => {
    return (await fleet())?.result?.state === 'failed'
  })
  t.match(await fleet(), {
    current: { version: 2, isSigned: true },
    result: { message: /version 1 is older than 2/ },
  })
  t.match(said, [
    ...[/version 1 applying/, /version 1 applied/, /version 2 applying/, /version 2 applied/],
    /failed: version 1 is older/,
  ])
  stop.abort()
  await ended
})

t.test('without a fleet there is none to tell of', { skip }, async (t) => {
  const dataDir = join(socketFolder(t), 'data')
  const loaded = filePart('')
  const stop = new AbortController()
  const view = { collectors() {}, findings() {}, message() {} }
  const ended = runAgent(
    {
      ...{ version: '0', loaded, config: loaded.config, dataDir, view, signal: stop.signal },
      clock: systemClock(),
    },
    { platform: process.platform },
  )
  const status = () => askAgent(join(dataDir, 'control.sock'), { request: 'status' })
  await until('it answers', async () => (await status()) !== undefined)
  t.equal((await status())?.fleet, undefined)
  stop.abort()
  await ended
})
