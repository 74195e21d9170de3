import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Schedule } from '../../../platform/event.ts'
import { loadedJobs } from '../../../platform/macos/loaded-jobs-collector.ts'

const written = (id: string): Schedule => ({ id, scheduler: 'launchd', command: `/opt/${id}` })
const scan = {
  schedules: new Map([written('on'), written('off')].map((job) => [job.id, job])),
  labels: new Set(['on', 'off', 'com.apple.sealed']),
  ...{ uids: [501, 502], unreadable: [], malformed: [] },
}
const { signal } = new AbortController()

const domain = (name: string, labels: readonly string[]) =>
  `${name} = {\n\tservices = {\n${labels.map((label) => `\t\t0 - \t${label}\n`).join('')}\t}\n}\n`
const service = (target: string, path: string) =>
  `${target} = {\n\tpath = ${path}\n\tprogram = /tmp/.x\n\trun interval = 900 seconds\n}\n`

/** launchctl as a script that prints a file named by its target, and notes what it was asked. */
function launchctl(t: Test, answers: Record<string, string>) {
  const named = Object.entries(answers).map(([target, text]) => [target.replaceAll('/', '_'), text])
  const folder = t.testdir({
    asked: '',
    launchctl: `#!/bin/sh
cd "$(dirname "$0")"; echo "$2" >> asked
file="$(echo "$2" | tr / _)"
[ -f "$file" ] && exec cat "$file"
echo 'Could not find domain' >&2; exit 113\n`,
    ...Object.fromEntries(named),
  })
  chmodSync(join(folder, 'launchctl'), 0o755)
  const asked = () => readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n')
  return { loaded: loadedJobs(join(folder, 'launchctl')), asked }
}

t.test('a job is loaded or not, and one that nobody wrote is told', async (t) => {
  const { loaded, asked } = launchctl(t, {
    system: domain('system', ['on', 'com.apple.sealed', 'com.x.gone', 'com.apple.own']),
    'gui/501': domain('gui/501', ['application.com.x.1.2', 'com.x.mine']),
    'system/com.x.gone': service('system/com.x.gone', '/private/tmp/gone.plist'),
    'system/com.apple.own': service('system/com.apple.own', '/System/Cryptexes/own.plist'),
    'gui/501/com.x.mine': service('gui/501/com.x.mine', '(submitted by Terminal.99)'),
  })
  const jobs = await loaded.join(scan, 0, signal)
  t.strictSame([...jobs.keys()], ['on', 'off', 'com.x.gone', 'com.x.mine'])
  t.match(jobs.get('on'), { isLoaded: true, command: '/opt/on' })
  t.match(jobs.get('off'), { isLoaded: false })
  t.strictSame(jobs.get('com.x.gone'), {
    id: 'com.x.gone',
    scheduler: 'launchd',
    trigger: 'StartInterval=900',
    command: '/tmp/.x',
    file: '/private/tmp/gone.plist',
    timing: { kind: 'interval', everyMs: 900_000, since: 'start' },
    user: { name: 'root' },
    isLoaded: true,
  })
  t.match(jobs.get('com.x.mine'), { user: { id: '501' }, file: undefined })
  const first = asked().length
  t.strictSame([...(await loaded.join(scan, 15_000, signal)).keys()], [...jobs.keys()])
  t.equal(asked().length, first, 'it is asked once a minute')
  await loaded.join(scan, 60_000, signal)
  const domains = ['system', 'gui/501', 'user/501', 'gui/502', 'user/502']
  t.strictSame(asked().slice(first), domains, 'of each job once')
  t.equal(loaded.complaint(), undefined)
})

for (const [what, answers, complaint] of [
  ['says an error', {}, /Could not find domain/],
  ['prints half', { system: 'system = {\n\tservices = {\n' }, /was cut off/],
] as const) {
  t.test(`nothing is known of loading where launchctl ${what}`, async (t) => {
    const { loaded } = launchctl(t, answers)
    const jobs = await loaded.join(scan, 0, signal)
    t.strictSame([...jobs.values()], [...scan.schedules.values()])
    t.match(loaded.complaint(), complaint)
  })
}

t.test('no launchctl is a complaint, not an end', async (t) => {
  const loaded = loadedJobs('/nonexistent/launchctl')
  t.equal((await loaded.join(scan, 0, signal)).size, 2)
  t.match(loaded.complaint(), /what is loaded is not known: .*no such program/)
})
