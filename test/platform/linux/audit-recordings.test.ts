/**
 * Real audit logs of other people, and what other readers of them found: LAUREL, go-libaudit,
 * Filebeat and auparse.
 */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { parse as parseYaml } from 'yaml'
import { zeroCounters } from '../../../platform/collector.ts'
import type { Connection, Event, ProcessStart } from '../../../platform/event.ts'
import { execveArgs } from '../../../platform/linux/audit-args.ts'
import { type AuditRecord, parseAuditRecord } from '../../../platform/linux/audit-record.ts'
import { auditDestination } from '../../../platform/linux/audit-sockaddr.ts'
import { auditStream } from '../../../platform/linux/audit-stream.ts'
import { recording, recordings, withoutRecordings } from '../../support/recordings.ts'

t.test('recordings', { skip: withoutRecordings }, async (t) => {
  const text = (path: string): string => readFileSync(recording(path), 'utf8')
  const json = (path: string): unknown => JSON.parse(text(path))
  const AUDIT = 'linux-auditd/'
  const LIBAUDIT = `${AUDIT}elastic-go-libaudit/`
  const BEATS = `${AUDIT}elastic-beats-filebeat/`
  const logs = recordings(AUDIT).filter(({ path }) => /\.(log|txt|yaml)$/.test(path))
  // What auparse wrote of the logs beside it is no log.
  const sources = logs.filter(({ path }) => !path.includes('auparse_test.ref'))
  /** go-libaudit's YAML holds records, indented, among names and comments. */
  const linesOf = (path: string): string[] =>
    text(path)
      .split('\n')
      .map((line) => (path.endsWith('.yaml') ? line.trim() : line))
      .filter((line) => /^(node=\S+ )?type=/.test(line))

  t.test('there are logs to read', async (t) => {
    t.ok(sources.length >= 45, `${sources.length} files`)
  })

  for (const { path, counts } of sources) {
    t.test(path, async (t) => {
      const lines = linesOf(path)
      const records = lines.map(parseAuditRecord)
      // auditd wrote one record without a stamp; go-libaudit's golden has `null` for it.
      const stampless = lines.filter((line) => line.endsWith(' msg=?')).length
      const unread = records.filter(({ ok }) => !ok)
      t.equal(unread.length, stampless, 'every record has a type, a time and a serial')
      const KINDS = { SYSCALL: 'syscall', EXECVE: 'execve', CWD: 'cwd' } as const
      const MORE = { SOCKADDR: 'sockaddr', EOE: 'eoe', PROCTITLE: 'proctitle' } as const
      for (const [type, kind] of Object.entries({ ...KINDS, ...MORE })) {
        const [, expected] = new RegExp(`(?:^| )${type}=(\\d+)`).exec(counts) ?? []
        const read = records.filter((record) => record.ok && record.value.kind === kind)
        if (expected) t.equal(read.length, Number(expected), `${expected} ${type} records`)
      }
      const counters = zeroCounters()
      const stream = auditStream({ counters })
      stream.push(lines)
      const { emitted, ignored, malformed, lost, received } = counters
      t.equal(emitted + ignored + malformed + lost + stream.pending, received, 'the books agree')
      stream.end()
      t.equal(stream.pending, 0)
      t.equal(malformed, stampless)
      const sum = counters.emitted + counters.ignored + counters.malformed + counters.lost
      t.equal(sum, lines.length, 'and at the end')
    })
  }

  t.test('LAUREL reads the same programs and arguments', async (t) => {
    let compared = 0
    for (const { path } of recordings(`${AUDIT}laurel/`)) {
      if (!path.endsWith('.json')) continue
      const starts = startsIn(linesOf(path.replace(/json$/, 'txt')))
      for (const line of text(path).trimEnd().split('\n')) {
        const golden = JSON.parse(line) as LaurelEvent
        if (golden.SYSCALL?.syscall !== 59) continue
        const start = starts.get(Number(golden.SYSCALL.pid))
        t.match(
          start?.process,
          {
            executable: golden.SYSCALL.exe,
            name: golden.SYSCALL.comm,
            parentPid: golden.SYSCALL.ppid,
          },
          path,
        )
        if (golden.EXECVE)
          t.strictSame(start?.process.args, golden.EXECVE.ARGV, `${path}: arguments`)
        if (golden.CWD) t.equal(start?.process.workingDirectory, golden.CWD.cwd)
        compared++
      }
    }
    t.ok(compared >= 5, `${compared} compared`)
  })

  t.test('go-libaudit reads the same programs, arguments, addresses and ports', async (t) => {
    let compared = 0
    for (const { path } of recordings(`${LIBAUDIT}aucoalesce/`)) {
      if (!path.endsWith('.yaml')) continue
      const { tests } = parseYaml(text(path)) as { tests: Record<string, string> }
      const goldens = json(path.replace(/yaml$/, 'json.golden')) as Coalesced[]
      for (const { test_name, event } of goldens) {
        const isExec = event.data?.syscall === 'execve' && event.result === 'success'
        if (!isExec && event.data?.syscall !== 'connect') continue
        const events = eventsIn((tests[test_name] ?? '').split('\n'))
        const { pid, ppid, exe, name, cwd, args } = event.process
        const process = { pid: Number(pid), parentPid: Number(ppid), executable: exe, name }
        const found = events.find(({ kind }) => kind === (isExec ? 'process-start' : 'connection'))
        t.match(found, { process }, `${path}: ${test_name}`)
        if (isExec && args) t.match(found, { process: { args } }, 'arguments')
        if (isExec && cwd) t.match(found, { process: { workingDirectory: cwd } })
        if (event.destination) {
          const { ip, port } = event.destination
          t.match(found, { destination: { ip, port: Number(port) } }, 'address and port')
        }
        compared++
      }
    }
    t.ok(compared >= 4, `${compared} compared`)
  })

  t.test('go-libaudit reads the same fields of single records', async (t) => {
    let [execves, addresses] = [0, 0]
    for (const { path } of recordings(`${LIBAUDIT}auparse/`)) {
      if (!path.endsWith('.golden')) continue
      for (const golden of json(path) as (Parsed | null)[]) {
        if (golden === null) continue
        const { record_type, raw_msg, data } = golden
        const record = recordOf(`type=${record_type?.toUpperCase()} msg=${raw_msg}`)
        if (record_type === 'execve') {
          const args = Array.from({ length: Number(data['argc']) }, (_, i) => data[`a${i}`])
          t.strictSame(execveArgs([record]), args)
          execves++
        }
        if (record_type === 'sockaddr') {
          const isIp = data['family'] === 'ipv4' || data['family'] === 'ipv6'
          const { addr: ip, port } = data
          const expected = isIp ? { ip, port: Number(port) } : 'other-family'
          t.strictSame(auditDestination(record), expected)
          addresses++
        }
      }
    }
    t.ok(execves >= 4 && addresses >= 5, `${execves} and ${addresses} compared`)
  })

  t.test('Filebeat reads the same arguments, address and port', async (t) => {
    const expected = json(`${BEATS}execve.log-expected.json`) as Beat[]
    const lines = linesOf(`${BEATS}execve.log`)
    t.equal(expected.length, lines.length)
    for (const [i, line] of lines.entries()) {
      t.strictSame(execveArgs([recordOf(line)]), expected[i]?.['process.args'], `line ${i + 1}`)
    }
    const connect = eventsIn(linesOf(`${BEATS}audit-ubuntu1604.log`)).find(isConnection)
    const wanted = (json(`${BEATS}audit-ubuntu1604.log-expected.json`) as Beat[]).find(
      (beat) => beat['auditd.log.syscall'] === '42',
    )
    t.equal(connect?.process?.executable, wanted?.['process.executable'])
    t.equal(connect?.process?.pid, wanted?.['process.pid'])
  })

  t.test('auparse reads the same arguments', async (t) => {
    const userspace = `${AUDIT}audit-userspace/`
    const truth = text(`${userspace}auparse_test.ref`)
      .split('of type 1309(EXECVE)')
      .slice(1)
      .map((block) => block.split(/\n\s+record \d+ of type /)[0] ?? '')
      .map((block) => Array.from(block.matchAll(/^ +a\d+=(\S*)/gm), ([, value = '']) => value))
      .filter((args) => args.length > 0)
    const starts = [...startsIn(linesOf(`${userspace}test4.log`)).values()]
    t.equal(starts.length, 2)
    for (const { process } of starts) {
      const quoted = process.args?.map((arg) => `"${arg}"`)
      const same = truth.filter((args) => args.length === quoted?.length)
      t.ok(same.length > 0, `${quoted?.length} arguments`)
      // Blanks had to be hex; auparse prints that as it stands.
      const isSame = (value: string, i: number): boolean =>
        value.startsWith('"') ? value === quoted?.[i] : /^[0-9A-F]+$/.test(value)
      for (const args of same) t.ok(args.every(isSame))
    }
  })

  function eventsIn(lines: readonly string[]): Event[] {
    const stream = auditStream({ counters: zeroCounters() })
    return [...stream.push(lines), ...stream.end()]
  }

  function startsIn(lines: readonly string[]): Map<number, ProcessStart> {
    const starts = eventsIn(lines).filter((event) => event.kind === 'process-start')
    return new Map(starts.map((event) => [event.process.pid, event]))
  }

  function recordOf(line: string): AuditRecord {
    const record = parseAuditRecord(line)
    if (!record.ok) throw new Error(`${record.reason}: ${line}`)
    return record.value
  }
})

const isConnection = (event: Event): event is Connection => event.kind === 'connection'

interface LaurelEvent {
  readonly SYSCALL?: {
    readonly syscall: number
    readonly pid: number
    readonly ppid: number
    readonly exe: string
    readonly comm: string
  }
  readonly EXECVE?: { readonly ARGV: readonly string[] }
  readonly CWD?: { readonly cwd: string }
}

interface Coalesced {
  readonly test_name: string
  readonly event: {
    readonly result: string
    readonly data?: { readonly syscall?: string }
    readonly process: {
      readonly pid: string
      readonly ppid: string
      readonly exe: string
      readonly name: string
      readonly cwd?: string
      readonly args?: readonly string[]
    }
    readonly destination?: { readonly ip: string; readonly port: string }
  }
}

interface Parsed {
  readonly record_type?: string
  readonly raw_msg: string
  readonly data: Record<string, string>
}

type Beat = Record<string, unknown>
