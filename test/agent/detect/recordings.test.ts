/** Real traffic: the beacons that others recorded and labelled. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { assess } from '../../../agent/detect/assess.ts'
import type { Observation } from '../../../storage/series.ts'
import { recording, recordings, withoutRecordings } from '../../support/recordings.ts'
import { zeekTimes } from '../../support/zeek-times.ts'

const found = (observations: readonly Observation[]) =>
  assess({ observations: observations.slice(-500), gaps: [], jobs: [], timeZone: 'UTC' })

const ATARI = 'zeek/rita-missing_host/*/conn*'

t.test(
  'RITA, the Atari beacon: some 270 s, asleep in between',
  { skip: withoutRecordings },
  async (t) => {
    const verdict = found(zeekTimes(recording(ATARI), '73.54.23.243 64.225.56.201 80'))
    t.match(verdict, { verdict: 'recurring', periods: [{ model: 'sleep' }] })
    t.ok(Math.abs((verdict.periods[0]?.periodMs ?? 0) - 270_000) < 10_000, `${verdict.form}`)
  },
)

t.test('RITA, the time server: each 2048 s', { skip: withoutRecordings }, async (t) => {
  const verdict = found(zeekTimes(recording(ATARI), '64.225.56.201 91.189.91.157 123'))
  t.equal(verdict.verdict, 'recurring')
  t.ok(Math.abs((verdict.periods[0]?.periodMs ?? 0) - 2_048_000) < 2000, `${verdict.form}`)
})

t.test('IoT-23 34-1, the command and control', { skip: withoutRecordings }, async (t) => {
  const verdict = found(
    zeekTimes(recording('zeek/iot23-34-1-mirai/conn*'), '192.168.1.195 185.244.25.235 6667'),
  )
  t.equal(verdict.verdict, 'recurring', `${verdict.form}`)
})

t.test('Empire, each 5 s from PowerShell', { skip: withoutRecordings }, async (t) => {
  const [file] = recordings('windows-json/').filter(({ path }) =>
    path.includes('empire_dllinjection'),
  )
  t.ok(file)
  const lines = gunzipSync(readFileSync(recording(file?.path ?? '')))
    .toString('utf8')
    .trim()
    .split('\n')
  const times = lines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((row) => Number(row['EventID']) === 3 && row['DestinationIp'] === '10.10.10.5')
    .filter((row) => String(row['Image']).endsWith('powershell.exe'))
    .map((row) => Date.parse(`${String(row['UtcTime']).replace(' ', 'T')}Z`))
  const verdict = found(times.map((atMs) => ({ atMs, connections: 1 })))
  t.equal(verdict.verdict, 'recurring', `${times.length} connections: ${verdict.form}`)
  t.ok(Math.abs((verdict.periods[0]?.periodMs ?? 0) - 5110) < 300, `${verdict.form}`)
})
