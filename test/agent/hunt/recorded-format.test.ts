import t from 'tap'
import { formatOf, headOf, RECORDED_FORMATS } from '../../../agent/hunt/recorded-format.ts'
import { esloggerLine } from '../../support/eslogger-lines.ts'
import { evtxChunk, evtxFile } from '../../support/evtx-chunk.ts'
import { logLine } from '../../support/log-lines.ts'
import { readRecorded } from '../../support/read-recorded.ts'
import { recording, recordings, withoutRecordings } from '../../support/recordings.ts'

const nameOf = (bytes: Buffer, path = 'a') => formatOf(headOf(path, bytes))?.name

const EVENT = '<Event xmlns="x"><System><EventID>1</EventID></System></Event>'
const FLOW =
  'udp 17 src=10.0.0.5 dst=10.0.0.9 sport=5 dport=53 [UNREPLIED] src=10.0.0.9 dst=10.0.0.5 sport=53 dport=5'

t.test('a file is told by its first bytes', async (t) => {
  const cases = {
    '#separator \\x09': 'zeek',
    '{"ts":1.5,"id.orig_h":"10.0.0.1"}': 'zeek',
    '{"Channel":"Security","EventID":5156}': 'windows-lines',
    '\uFEFF {"winlog":{"event_id":"3"}}': 'windows-lines',
    '{"event_data":{},"event_id":3}': 'windows-lines',
    '{"Event":{"System":{"EventID":"3"}}}': 'windows-lines',
    [EVENT]: 'windows-lines',
    [`Nov 24 08:30:00 a sshd: x\nNov 24 08:30:01 a sysmon: ${EVENT}`]: 'syslog',
    '\0\0\0Nov 24 08:30:00 a CRON[7]: (root) CMD (/a)': 'syslog',
    '<13>1 2026-11-24T08:30:00Z a CRON 7 - - (root) CMD (/a)': 'syslog',
    'USER root pid   7 cmd /a': 'syslog',
    'type=SYSCALL msg=audit(1700000000.000:1): arch=c000003e': 'audit',
    'node=a type=EOE msg=audit(1700000000.000:1): ': 'audit',
    '{"__CURSOR":"a","__REALTIME_TIMESTAMP":"1"}': 'journal',
    [`[1700000000.000001]\t[NEW] ${FLOW}`]: 'conntrack',
    [FLOW]: undefined,
    '# a comment\nSHELL=/bin/sh\n*/5 * * * * root /a': 'crontab',
    '@daily /a': 'crontab',
    [esloggerLine({ type: 'exec' })]: 'eslogger',
    [logLine({ message: 'x' })]: 'unified-log',
    [`Filtering the log data using "x"\n${logLine({ message: 'x' })}`]: 'unified-log',
    '<?xml version="1.0"?>\n<!DOCTYPE plist PUBLIC "x">\n<plist version="1.0">': 'launchd',
    '\n<!-- of ours -->\n<plist><dict/></plist>': 'launchd',
    'bplist00\xd1': 'launchd',
    '<?xml version="1.0"?>\n<project/>': undefined,
    'A=1\nB=2': undefined,
    '<EventConsumer>': undefined,
    'Lorem ipsum': undefined,
    '': undefined,
  }
  for (const [text, format] of Object.entries(cases)) {
    t.equal(nameOf(Buffer.from(text)), format, text.slice(0, 40))
  }
  t.equal(nameOf(evtxFile([])), 'evtx')
  t.equal(nameOf(evtxChunk([])), 'evtx')
})

t.test('only the first record is looked at', async (t) => {
  const lines = '{"ts":1,"id.orig_h":"10.0.0.1"}\n{"EventID":1}'
  t.equal(nameOf(Buffer.from(lines)), 'zeek')
})

t.test('names are told apart, and described', async (t) => {
  t.equal(new Set(RECORDED_FORMATS.map(({ name }) => name)).size, RECORDED_FORMATS.length)
  for (const { description } of RECORDED_FORMATS) t.match(description, /\w/)
})

/** What real recordings are told to be, by where they lie. */
const REAL: readonly (readonly [start: RegExp, format: string])[] = [
  [/^windows-evtx\/.*\.evtx$/i, 'evtx'],
  [/^linux-auditd\/.*\.(?:log|txt)$/, 'audit'],
  [/^linux-cron\/(?:kali-2023\/syslog|ygh-centos6\/cron-\d+|excerpts\/)/, 'syslog'],
  [/^linux-cron\/aecid-journald\//, 'journal'],
  [/^linux-cron\/ygh-centos6\/etc\/cron(?:tab|\.d\/)/, 'crontab'],
]
t.test('real ones are what they are', { skip: withoutRecordings }, async (t) => {
  for (const [start, format] of REAL) {
    let seen = 0
    for (const { path } of recordings('')) {
      if (!start.test(path) || NO_RECORD.test(path)) continue
      seen++
      await readRecorded(recording(path), (bytes) => {
        t.equal(nameOf(bytes, path), format, path)
        return false
      })
    }
    t.ok(seen > 0, `${format}: ${seen} files`)
  }
})
/** Rendered for people, empty, or a text about a recording. */
const NO_RECORD = /auditd-rendered|auparse_test\.ref|proc-trace|record-/
