import fc from 'fast-check'
import t from 'tap'
import { parseEsloggerLine } from '../../../platform/macos/eslogger-event.ts'
import { type EsMessage, esloggerLine } from '../../support/eslogger-lines.ts'
import { holds } from '../../support/holds.ts'

const read = (message: EsMessage) => parseEsloggerLine(esloggerLine(message))
const eventsOf = (message: EsMessage) => {
  const result = read(message)
  return result.ok ? result.value.events : []
}
const atMs = Date.UTC(2025, 7, 7, 13, 21, 35, 880)
const startMs = Date.UTC(2025, 7, 7, 13, 21, 35, 877)

for (const version of [7, 8, 9, 10, 11]) {
  t.test(`reads an exec of message version ${version}`, async (t) => {
    const message = read({
      type: 'exec',
      version,
      seq: 3,
      globalSeq: 9,
      process: { pid: 71, path: '/bin/zsh' },
      subject: {
        pid: 71,
        ppid: 70,
        path: '/usr/bin/curl',
        facts: { signing_id: 'com.x', team_id: 'T1', is_platform_binary: false, new_in_macos: [1] },
      },
      args: ['curl', ''],
      facts: { cwd: { path: '/tmp' } },
    })
    const process = {
      pid: 71,
      startMs,
      parentPid: 70,
      executable: '/usr/bin/curl',
      user: { id: '501' },
      loginUser: { id: '501' },
      codeSignature: { id: 'com.x', teamId: 'T1', isPlatform: false },
      args: ['curl', ''],
      workingDirectory: '/tmp',
    }
    t.strictSame(message, {
      ok: true,
      value: {
        atMs,
        type: 'exec',
        seq: 3,
        globalSeq: 9,
        events: [{ kind: 'process-start', atMs, process }],
      },
    })
  })
}

t.test('a fork starts a process with its parent’s program and no arguments', async (t) => {
  const [event] = eventsOf({ type: 'fork', subject: { pid: 72, ppid: 70, path: '/bin/zsh' } })
  t.match(event, { kind: 'process-start', process: { pid: 72, executable: '/bin/zsh' } })
  t.notOk('args' in (event?.process ?? {}))
})

t.test('an exit ends the process that it tells of', async (t) => {
  const events = eventsOf({
    type: 'exit',
    process: { pid: 73, path: '/bin/x' },
    facts: { stat: 0 },
  })
  t.match(events, [{ kind: 'process-end', atMs, process: { pid: 73, executable: '/bin/x' } }])
})

t.test('launchd’s step to a job is a run of that job, in the same pid', async (t) => {
  const subject = { pid: 74, path: '/usr/libexec/xpcproxy', uid: 0 }
  const events = eventsOf({ type: 'exec', subject, args: ['xpcproxy', 'com.umbrella'] })
  t.match(events, [
    { kind: 'process-start', process: { pid: 74 } },
    {
      kind: 'schedule-run',
      scheduler: 'launchd',
      scheduleId: 'com.umbrella',
      process: { pid: 74 },
    },
  ])
  const opened = ['xpcproxy', 'application.com.apple.ScriptEditor.1.2']
  t.equal(eventsOf({ type: 'exec', subject, args: opened }).length, 1, 'an app is no job')
  t.equal(eventsOf({ type: 'exec', subject, args: ['xpcproxy'] }).length, 1, 'no label, no job')
})

t.test('nobody logged in where the audit id is all ones', async (t) => {
  const audit_token = { pid: 5, euid: 0, auid: 4_294_967_295 }
  const [event] = eventsOf({ type: 'exec', subject: { pid: 5, facts: { audit_token } } })
  t.match(event?.process, { user: { id: '0' } })
  t.notOk('loginUser' in (event?.process ?? {}))
})

t.test('whose rights it has is not who logged in, in both forms of a token', async (t) => {
  const tokens = [[501, 0, 0, 502, 20, 5, 100_013, 7], { pid: 5, euid: 0, auid: 501, ruid: 502 }]
  for (const audit_token of tokens) {
    const [event] = eventsOf({ type: 'exec', subject: { pid: 9, facts: { audit_token } } })
    t.match(event?.process, { pid: 5, user: { id: '0' }, loginUser: { id: '501' } })
  }
})

t.test('a type that is not read is a message without events', async (t) => {
  t.match(read({ type: 'pty_grant', seq: 0 }), {
    ok: true,
    value: { type: 'pty_grant', events: [] },
  })
})

const refused: Record<string, string> = {
  'no JSON': '{"event":',
  'an empty line': '',
  'no event': '{"time":"2025-08-07T13:21:35Z","event":{}}',
  'no time': '{"event":{"exit":{}},"process":{"audit_token":{"pid":1}}}',
  'a time of another kind': '{"time":"today","event":{"exit":{}}}',
  'an exec without a target': esloggerLine({ type: 'exec' }),
  'an exit without a process': '{"time":"2025-08-07T13:21:35Z","event":{"exit":{}}}',
  'a token of seven numbers': esloggerLine({
    type: 'exec',
    subject: { pid: 1, facts: { audit_token: [1, 2, 3, 4, 5, 6, 7] } },
  }),
}
for (const [name, line] of Object.entries(refused)) {
  t.test(`refuses ${name}`, async (t) => {
    t.match(parseEsloggerLine(line), { ok: false, reason: /./ })
  })
}

t.test('properties', async (t) => {
  holds(
    t,
    'never throws',
    fc.property(fc.string(), (line) => void parseEsloggerLine(line)),
  )
  const keys = ['time', 'process', 'event', 'seq_num', 'global_seq_num', 'version']
  const whole = JSON.parse(esloggerLine({ type: 'exec', subject: { pid: 1 }, args: ['x'] }))
  const mutated = fc.property(fc.constantFrom(...keys), fc.jsonValue(), (key, value) => {
    parseEsloggerLine(JSON.stringify({ ...whole, [key]: value }))
  })
  holds(t, 'never throws on a field of another kind', mutated)
  const target = whole.event.exec.target
  const inner = fc.property(
    fc.constantFrom(...Object.keys(target)),
    fc.jsonValue(),
    (key, value) => {
      const exec = { ...whole.event.exec, target: { ...target, [key]: value } }
      parseEsloggerLine(JSON.stringify({ ...whole, event: { exec } }))
    },
  )
  holds(t, 'nor inside a process', inner)
})
