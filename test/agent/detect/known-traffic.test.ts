import t from 'tap'
import { compileKnownTraffic } from '../../../agent/detect/known-traffic.ts'
import { assessment, minutely, networkInput, transfer, volume } from '../../support/findings.ts'

const known = compileKnownTraffic()
const every = (periodMs: number) => ({ ...assessment, periods: [{ ...minutely, periodMs }] })
const bytes = (median: number, max = median, sentShare = 0.5) => ({
  ...volume,
  sentBytesMedian: median,
  sentBytesMax: max,
  sentShare,
})

t.test('NTP by its port alone is known at its own size and pace', async (t) => {
  t.match(known(networkInput(123, { volume: bytes(48), assessment: every(2_048_200) })), {
    name: 'ntp',
  })
  t.match(known(networkInput(123, { volume: bytes(76), assessment: every(66_000) })), {
    name: 'ntp',
  })
})

t.test('data over a known port is not known', async (t) => {
  t.equal(known(networkInput(123, { volume: bytes(40_000) })), undefined, 'too large')
  t.equal(known(networkInput(123, { volume: bytes(48, 1_000_000) })), undefined, 'one large run')
  t.equal(
    known(networkInput(123, { volume: bytes(48), assessment: every(1_000) })),
    undefined,
    'too fast',
  )
  t.equal(known(networkInput(123)), undefined, 'bytes that nobody counted prove nothing')
  t.equal(known(networkInput(53, { volume: bytes(900) })), undefined, 'a long name carries data')
  t.equal(
    known(networkInput(53, { volume: bytes(100, 100, 0.9) })),
    undefined,
    'more asked than answered',
  )
  t.match(known(networkInput(53, { volume: bytes(80, 100, 0.4) })), { name: 'dns' })
})

t.test('a program is known by its full path, with or without byte counts', async (t) => {
  const by = (actor: string) =>
    known(networkInput(123, { transfer: { ...transfer, actor, lineage: [] } }))
  t.match(by('/usr/sbin/chronyd'), { name: 'ntp-client' })
  t.match(by('/usr/lib/systemd/systemd-timesyncd'), { name: 'ntp-client' })
  t.equal(by('/tmp/chronyd'), undefined)
  t.equal(by('chronyd'), undefined)
})

t.test(
  'a daemon of macOS is known by its signature, and nothing that it lends itself to',
  async (t) => {
    const apples = { id: 'com.apple.x', isPlatform: true }
    const by = (executable: string, change: object = {}, signature: object = apples) => {
      const lineage = [{ entityId: 'a', pid: 7, executable, codeSignature: signature }]
      const { schedule: _, ...daemon } = { ...transfer, actor: executable, lineage }
      return known(networkInput(443, { transfer: { ...daemon, ...change } }))?.name
    }
    const bird =
      '/System/Library/PrivateFrameworks/CloudDocsDaemon.framework/Versions/A/Support/bird'
    t.equal(by(bird), 'macos-daemons')
    t.equal(by(bird, {}, { ...apples, isPlatform: false }), undefined, 'signed by somebody else')
    t.equal(by('/usr/libexec/nsurlsessiond'), undefined, 'it transfers for anyone')
    t.equal(by('/usr/bin/nscurl'), undefined, 'a tool is no daemon')
    t.equal(by('/usr/libexec/rapportd', { actor: '/tmp/x.sh' }), undefined, 'a script is its actor')
    const schedule = { id: 'x', scheduler: 'launchd', command: '/usr/libexec/rapportd' }
    const file = '/Library/LaunchDaemons/x.plist'
    t.equal(
      by('/usr/libexec/rapportd', { schedule: { ...schedule, file } }),
      undefined,
      'an added job',
    )
    const own = { ...schedule, file: `/System${file}` }
    t.equal(by('/usr/libexec/rapportd', { schedule: own }), 'macos-daemons')
  },
)

t.test('an updater that mostly sends is none', async (t) => {
  const apt = { ...transfer, actor: '/usr/bin/apt-get', lineage: [] }
  t.match(known(networkInput(443, { transfer: apt, volume: bytes(2_000, 2_000, 0.02) })), {
    name: 'package-updates',
  })
  t.equal(known(networkInput(443, { transfer: apt, volume: bytes(2_000, 2_000, 0.98) })), undefined)
})

t.test('the destination is part of a row that names it', async (t) => {
  const svchost = 'C:\\Windows\\System32\\svchost.exe'
  const to = (domain: string) =>
    known(networkInput(443, { transfer: { ...transfer, actor: svchost, lineage: [], domain } }))
  t.match(to('fe2.update.microsoft.com'), { name: 'windows-update' })
  t.equal(to('update.microsoft.com.evil.test'), undefined)
})

t.test('a row that goes by port must bound bytes and period', async (t) => {
  const row = { name: 'any-https', reason: 'none', ports: [443] }
  const invalid = { code: 'ERR_PATTERN_INVALID', message: /any-https/, remedy: /maxSentBytes/ }
  t.throws(() => compileKnownTraffic([row]), invalid)
  t.throws(() => compileKnownTraffic([{ ...row, maxSentBytes: 10 }]), invalid)
  t.throws(() => compileKnownTraffic([{ name: 'all', reason: 'none' }]), {
    code: 'ERR_PATTERN_INVALID',
  })
  t.doesNotThrow(() => compileKnownTraffic([{ ...row, maxSentBytes: 10, minPeriodMs: 1_000 }]))
})
