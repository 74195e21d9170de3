import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { build, type PlistValue } from 'plist'
import t from 'tap'
import { parseLaunchdPlist } from '../../../platform/macos/launchd-plist.ts'
import { holds } from '../../support/holds.ts'
import { recording, recordings, withoutRecordings } from '../../support/recordings.ts'

const DAEMON = '/Library/LaunchDaemons/com.x.plist'
const read = (job: Record<string, PlistValue>, file = DAEMON, modifiedMs?: number) =>
  parseLaunchdPlist(Buffer.from(build(job)), { file, ...(modifiedMs && { modifiedMs }) })
const scheduleOf = (job: Record<string, PlistValue>, file?: string) => {
  const result = read(job, file)
  return result.ok ? result.value : undefined
}

t.test('a job as a schedule', async (t) => {
  const job = {
    Label: 'com.x.backup',
    ProgramArguments: ['/bin/bash', '/opt/backup.sh'],
    StartCalendarInterval: { Hour: 2, Minute: 30 },
    RunAtLoad: true,
    KeepAlive: false,
    UserName: 'nobody',
  }
  t.strictSame(read(job, DAEMON, 7), {
    ok: true,
    value: {
      id: 'com.x.backup',
      scheduler: 'launchd',
      trigger: 'StartCalendarInterval={Hour=2 Minute=30}; RunAtLoad',
      command: '/bin/bash /opt/backup.sh',
      user: { name: 'nobody' },
      file: DAEMON,
      modifiedMs: 7,
      timing: { kind: 'calendar', patterns: ['0 30 2 * * *'] },
    },
  })
})

t.test('a job that nothing foretells is one all the same', async (t) => {
  const job = { Label: 'x', Program: '/x', WatchPaths: ['/a', '/b'], MachServices: { y: true } }
  const schedule = scheduleOf(job)
  t.equal(schedule?.trigger, 'WatchPaths=/a,/b; MachServices')
  t.equal(schedule?.timing, undefined)
})

const commands: Record<string, [Record<string, PlistValue>, string]> = {
  'Program alone': [{ Program: '/x' }, '/x'],
  'Program and its argv': [
    { Program: '/usr/sbin/x', ProgramArguments: ['x', '-v'] },
    '/usr/sbin/x -v',
  ],
  'an option where the name should stand': [
    { Program: '/Test', ProgramArguments: ['--flag', 'arg1'] },
    '/Test --flag arg1',
  ],
  'a program inside an application': [{ BundleProgram: 'Contents/MacOS/x' }, 'Contents/MacOS/x'],
}
for (const [name, [job, command]] of Object.entries(commands)) {
  t.test(`command: ${name}`, async (t) => {
    t.equal(scheduleOf({ Label: 'x', ...job })?.command, command)
  })
}

const users: Record<string, [string, string | undefined]> = {
  'a daemon is root': [DAEMON, 'root'],
  'the system’s too': ['/System/Library/LaunchDaemons/x.plist', 'root'],
  'a person’s agent is hers': ['/Users/ann/Library/LaunchAgents/x.plist', 'ann'],
  'an agent for all is nobody’s': ['/Library/LaunchAgents/x.plist', undefined],
}
for (const [name, [file, user]] of Object.entries(users)) {
  t.test(name, async (t) =>
    t.equal(scheduleOf({ Label: 'x', Program: '/x' }, file)?.user?.name, user),
  )
}

t.test('an agent does not choose its user', async (t) => {
  const file = '/Users/ann/Library/LaunchAgents/x.plist'
  const schedule = scheduleOf({ Label: 'x', Program: '/x', UserName: 'root' }, file)
  t.strictSame(schedule?.user, { name: 'ann' })
})

const refused: Record<string, [string, RegExp]> = {
  'a list without a Label': [build({ Program: '/x' }), /no Label/],
  'a list without a program': [build({ Label: 'x' }), /neither Program nor/],
  'a list that is no dictionary': [build(['x']), /no Label/],
  'a file that was cut': [build({ Label: 'x' }).slice(0, -12), /cut off/],
}
for (const [name, [text, reason]] of Object.entries(refused)) {
  t.test(`refuses ${name}, and names the file`, async (t) => {
    const result = parseLaunchdPlist(Buffer.from(text), { file: DAEMON })
    t.match(result, { ok: false, reason })
    t.match(result, { reason: /^\/Library\/LaunchDaemons\/com\.x\.plist: / })
  })
}

t.test('recordings', { skip: withoutRecordings }, async (t) => {
  const files = recordings('macos-launchd/')
  t.equal(files.length, 32)
  for (const { path, counts } of files) {
    t.test(path, async (t) => {
      const result = parseLaunchdPlist(readFileSync(recording(path)), { file: path })
      t.equal(result.ok, /\bLabel=1\b/.test(counts), 'a job where FILES.tsv counted a Label')
      if (!result.ok) {
        t.ok(result.reason.startsWith(`${path}: `), result.reason)
        return
      }
      const { trigger = '', timing, command } = result.value
      t.not(command, '')
      for (const [, key = ''] of counts.matchAll(/\b(Start\w+|\w+Paths|Queue\w+)\b/g)) {
        t.ok(trigger.includes(key), key)
      }
      const isCalendar = counts.includes('StartCalendarInterval')
      t.equal(timing?.kind === 'calendar', isCalendar)
      const seconds = /StartInterval=(\d+)/.exec(counts)?.[1]
      if (seconds && !isCalendar)
        t.match(timing, { kind: 'interval', everyMs: Number(seconds) * 1000 })
    })
  }

  t.test('XML and binary of one job give one schedule', async (t) => {
    const both = ['log2timeline-plaso/launchd.plist', 'derived-binary/launchd.bplist'].map(
      (name) => {
        const bytes = readFileSync(recording(`macos-launchd/${name}`))
        const result = parseLaunchdPlist(bytes, { file: DAEMON })
        return result.ok ? { ...result.value, trigger: '' } : result
      },
    )
    t.strictSame(both[0], both[1])
  })

  t.test('each damaged file says what is wrong', async (t) => {
    const reasonOf = (name: string) => {
      const path = recording(`macos-launchd/log2timeline-plaso/${name}`)
      const result = parseLaunchdPlist(readFileSync(path), { file: name })
      return result.ok ? '' : result.reason
    }
    t.match(reasonOf('truncated.plist'), /truncated\.plist: damaged binary property list/)
    t.match(reasonOf('leading_whitespace.plist'), /no Label/, 'read in spite of the white space')
    t.match(reasonOf('empty.plist'), /no Label/)
  })
})

t.test('properties', async (t) => {
  const job = fc.dictionary(
    fc.constantFrom('Label', 'Program', 'ProgramArguments', 'UserName', 'KeepAlive', 'WatchPaths'),
    fc.oneof(
      fc.stringMatching(/^[a-z/]*$/),
      fc.boolean(),
      fc.integer(),
      fc.array(fc.string({ unit: fc.constantFrom('a', '/') })),
    ),
  )
  const total = fc.property(job, (some) => {
    const result = read(some)
    return result.ok || result.reason.startsWith(DAEMON)
  })
  holds(t, 'never throws, and names the file', total)
})
