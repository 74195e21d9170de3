import fc from 'fast-check'
import t from 'tap'
import {
  bootTimeMs,
  effectiveUid,
  executableOf,
  lastPidOf,
  loginUid,
  mayBeReused,
  parseCmdline,
  parseProcStat,
  processStartMs,
  serviceUnitOf,
} from '../../../platform/linux/proc-stat.ts'
import { holds } from '../../support/holds.ts'

const stat = (name: string, flags = 4_194_304) =>
  `7492 (${name}) R 7262 7262 3604 0 -1 ${flags} 101 0 0 0 0 0 0 0 20 0 1 0 192054 3133440 412\n`

t.test('reads a process, whatever its name', async (t) => {
  for (const name of ['cat', 'a b', '(sd-pam)', 'x) R 1 1', 'line\nfeed', '']) {
    t.strictSame(
      parseProcStat(stat(name)),
      {
        ok: true,
        value: { pid: 7492, name, parentPid: 7262, startTicks: 192_054, isKernelThread: false },
      },
      JSON.stringify(name),
    )
  }
  t.match(parseProcStat(stat('kworker/0:1', 69_238_880)), { value: { isKernelThread: true } })
})

for (const text of [
  '',
  '12 cat R 1',
  '12 (cat',
  ') (',
  'x (cat) R 1 1',
  '7492 (cat) R 7262 7262',
]) {
  t.test(`refuses ${JSON.stringify(text)}`, async (t) => {
    t.match(parseProcStat(text), { ok: false, reason: /stat/ })
  })
}

t.test('reads the effective user, and who logged in', async (t) => {
  t.equal(effectiveUid('Name:\tsudo\nUid:\t1000\t0\t0\t0\nGid:\t5\t6\t7\t8\n'), '0')
  t.equal(effectiveUid(''), undefined)
  t.equal(loginUid('1000'), '1000')
  t.equal(loginUid('4294967295'), undefined, 'nobody logged in')
  t.equal(loginUid(''), undefined)
})

t.test('reads arguments, empty ones too', async (t) => {
  t.strictSame(parseCmdline('sh\0-c\0echo  "hi"\0\0x\0'), ['sh', '-c', 'echo  "hi"', '', 'x'])
  t.strictSame(parseCmdline('nginx: worker process\0\0\0\0'), ['nginx: worker process'])
  t.equal(parseCmdline(''), undefined)
})

t.test('a program that was replaced keeps its path', async (t) => {
  t.equal(executableOf('/usr/bin/backup (deleted)'), '/usr/bin/backup')
  t.equal(executableOf('/usr/bin/backup'), '/usr/bin/backup')
})

t.test('finds the unit in either version of cgroups', async (t) => {
  t.equal(serviceUnitOf('0::/system.slice/backup.service\n'), 'backup.service')
  t.equal(
    serviceUnitOf('0::/user.slice/user-1000.slice/user@1000.service/app.slice/sync.service\n'),
    'sync.service',
  )
  t.equal(serviceUnitOf('0::/user.slice/user-0.slice/session-4.scope\n'), 'session-4.scope')
  t.equal(
    serviceUnitOf('9:name=systemd:/system.slice/cron.service\n4:memory:/other.service\n0::/\n'),
    'cron.service',
  )
  t.equal(serviceUnitOf('0::/system.slice/app.service/worker\n'), 'app.service', 'a part of it')
  t.equal(serviceUnitOf('9:name=systemd:/\n0::/\n'), undefined)
})

t.test('reads when the host booted and the pid given out last', async (t) => {
  t.equal(bootTimeMs('cpu  1 2 3\nbtime 1795544000\nprocesses 7\n'), 1_795_544_000_000)
  t.equal(bootTimeMs(''), undefined)
  t.equal(processStartMs(1_795_544_000_000, 192_054), 1_795_545_920_540)
  t.equal(lastPidOf('0.00 0.00 0.05 1/81 7489\n'), 7489)
  t.equal(lastPidOf('nonsense'), undefined)
})

t.test('a pid may be reused only where pids were given out since', async (t) => {
  t.notOk(mayBeReused(50, 100, 100), 'none was')
  t.ok(mayBeReused(150, 200, 100))
  t.notOk(mayBeReused(50, 200, 100))
  t.ok(mayBeReused(50, 60, 32_000), 'wrapped around')
  t.ok(mayBeReused(32_500, 60, 32_000), 'before it wrapped')
  t.notOk(mayBeReused(20_000, 60, 32_000))
})

t.test('properties', async (t) => {
  const texts = fc.string({ unit: 'binary' })
  const total = fc.property(texts, (text) => {
    for (const read of [parseProcStat, effectiveUid, loginUid, parseCmdline, serviceUnitOf])
      read(text)
    bootTimeMs(text)
    lastPidOf(text)
  })
  holds(t, 'never throws', total)

  const named = fc.property(texts, (name) => {
    const result = parseProcStat(stat(name))
    return result.ok && result.value.name === name && result.value.startTicks === 192_054
  })
  holds(t, 'any name is read back', named)
})
