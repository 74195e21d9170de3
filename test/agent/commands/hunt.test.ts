import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { recording, withoutRecordings } from '../../support/recordings.ts'
import { beats, connLog } from '../../support/zeek-log.ts'

const COMMAND = import.meta.resolve('../../../agent/commands/hunt.ts')
const ENTRY = `
import { huntCommand } from ${JSON.stringify(COMMAND)}
await huntCommand().parseAsync(process.argv.slice(1), { from: 'user' })`

interface Run {
  readonly code: number
  readonly out: string
  readonly err: string
}

const agentHunt = (...args: readonly string[]): Promise<Run> =>
  new Promise((resolve) => {
    const argv = ['--input-type=module', '-e', ENTRY, '--', ...args]
    const env = { ...process.env, XDG_CONFIG_HOME: '/nonexistent', TZ: 'UTC' }
    const options = { env, maxBuffer: 1 << 28 }
    execFile(process.execPath, argv, options, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err })
    })
  })

interface Document {
  readonly source: { readonly ip: string }
  readonly destination: { readonly ip: string; readonly port: number; readonly domain?: string }
  readonly event: { readonly risk_score: number }
  readonly network: { readonly direction: string }
  readonly beacon: {
    readonly verdict: string
    readonly score: number
    readonly period_ms: number
    readonly model: string
    readonly disposition: string
    readonly left_out?: string
  }
}
const documents = ({ out }: Run): Document[] =>
  out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

t.test('a table for people, and 1 for something found', async (t) => {
  const folder = t.testdir({ 'conn.log': connLog(beats(40, 600)) })
  const { code, out, err } = await agentHunt(folder)
  t.equal(code, 1)
  t.match(out, /^RISK {2}PERIOD/)
  t.match(out, /every 10 min .*10\.0\.0\.5 +203\.0\.113\.9:443\/tcp +40\n/)
  t.match(err, /^1 found in 1 series of 40 rows, 2023-11-14 22:13:20Z to /)
})

t.test('0 and no table for nothing found', async (t) => {
  const folder = t.testdir({ 'conn.log': connLog(beats(2, 600)) })
  t.match(await agentHunt(join(folder, 'conn.log')), { code: 0, out: '' })
  const all = await agentHunt('--all', '--json', folder)
  t.equal(all.code, 0)
  t.match(documents(all), [{ beacon: { verdict: 'undecided', left_out: 'undecided' } }])
})

t.test('2 for files that could not be read, each told on one line', async (t) => {
  const folder = t.testdir({ 'text.log': 'Lorem ipsum\n' })
  const { code, out, err } = await agentHunt(join(folder, 'text.log'), join(folder, 'none'))
  t.equal(code, 2)
  t.equal(out, '')
  t.match(err, /text\.log: no recording of a kind that is known; `agent hunt --help` names/)
  t.match(err, /none: no such file; check the path\n/)
})

t.test('in a folder, what is no recording is passed over', async (t) => {
  const folder = t.testdir({ 'README.txt': 'Read me\n', 'conn.log': connLog(beats(40, 600)) })
  const { code, err } = await agentHunt(folder)
  t.equal(code, 1)
  t.notMatch(err, 'README')
})

t.test('a malformed row is told with its file and line', async (t) => {
  const folder = t.testdir({
    'conn.log.gz': gzipSync(connLog([...beats(40, 600), { 'id.resp_h': 'no\u001b[2Jhost' }])),
  })
  const { code, err } = await agentHunt(folder)
  t.equal(code, 1)
  t.match(err, /conn\.log\.gz:47: id\.resp_h is no address; the row is left out/)
})

t.test('says which option is wrong', async (t) => {
  const wrong = { code: 1, out: '' }
  t.match(await agentHunt('--local', 'home', 'x'), { ...wrong, err: /--local.*no network/ })
  t.match(await agentHunt('--format', 'pcap', 'x'), { ...wrong, err: /--format.*zeek/ })
  t.match(await agentHunt('--time-zone', 'Mars', 'x'), { ...wrong, err: /no IANA time zone/ })
  t.match(await agentHunt('--observations', '1', 'x'), { ...wrong, err: /It must be 10 to/ })
})

t.test('a week that was recorded for its beacon', { skip: withoutRecordings }, async (t) => {
  const run = await agentHunt('--json', '--all', recording('zeek/rita-missing_host'))
  const all = documents(run)
  const found = all.filter(({ beacon }) => beacon.left_out === undefined)
  const of = (source: string, port: number) =>
    all.find((one) => one.source.ip === source && one.destination.port === port)
  t.equal(run.code, 1)

  const atari = of('73.54.23.243', 80)
  t.match(atari, { beacon: { verdict: 'recurring', model: 'sleep' } })
  t.ok(Math.abs((atari?.beacon.period_ms ?? 0) - 270_000) < 5_000, 'its period is near 270 s')
  t.ok(atari && found.includes(atari), 'the beacon is found')

  const ntp = of('64.225.56.201', 123)
  t.match(ntp, { destination: { ip: '91.189.91.157' }, beacon: { verdict: 'recurring' } })
  t.equal(ntp?.beacon.disposition, 'known', 'and the clock beside it is benign')
  t.ok((ntp?.event.risk_score ?? 100) < (atari?.event.risk_score ?? 0))

  t.equal(of('120.245.134.197', 30_003), undefined, 'a probe makes no series')
  const guessing = found.filter(({ destination }) => destination.port === 22)
  t.strictSame(guessing, [], 'guessing passwords in time is no finding')
})

t.test('a bot that calls home', { skip: withoutRecordings }, async (t) => {
  const run = await agentHunt('--json', recording('zeek/iot23-34-1-mirai/conn.log.labeled.gz'))
  const [first, ...others] = documents(run)
  t.match(first, {
    source: { ip: '192.168.1.195' },
    destination: { ip: '185.244.25.235', port: 6_667 },
    beacon: { verdict: 'recurring' },
  })
  const clocks = others.filter(({ destination }) => destination.port === 123)
  t.ok(clocks.length > 0, 'clocks are kept right beside it')
  t.ok(
    clocks.every(({ beacon }) => beacon.disposition === 'known'),
    'and are benign',
  )
})
