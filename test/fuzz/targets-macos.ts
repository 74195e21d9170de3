/** The readers of macOS's sources under fuzzing. */
import { zeroCounters } from '../../platform/collector.ts'
import { parseAccounts } from '../../platform/macos/accounts.ts'
import { esloggerStream } from '../../platform/macos/eslogger-stream.ts'
import { parseLaunchctlPrint } from '../../platform/macos/launchctl-print.ts'
import { parseLaunchctlService } from '../../platform/macos/launchctl-service.ts'
import { parseLaunchdPlist } from '../../platform/macos/launchd-plist.ts'
import { outboundOf, parseLsof } from '../../platform/macos/lsof.ts'
import { parseNettop } from '../../platform/macos/nettop.ts'
import { parsePs } from '../../platform/macos/ps.ts'
import { unifiedLogStream } from '../../platform/macos/unified-log-stream.ts'
import { nextFire } from '../../platform/schedule-times.ts'
import { lineSplitter } from '../../platform/shared/lines.ts'
import { esloggerLine } from '../support/eslogger-lines.ts'
import { beginLine, spawnLine, taskLine, tcpLine } from '../support/log-lines.ts'
import { type FuzzTarget, must, pieces } from './target.ts'

const NOW_MS = Date.UTC(2026, 0, 15)
const PLIST =
  '<?xml version="1.0"?><plist version="1.0"><dict><key>Label</key><string>a.b</string><key>ProgramArguments</key><array><string>/x</string></array><key>StartInterval</key><integer>900</integer><key>StartCalendarInterval</key><array><dict><key>Hour</key><integer>2</integer></dict></array></dict></plist>'

export const MACOS_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'eslogger',
    recordings: /^macos-eslogger\//,
    made: [esloggerLine({ type: 'exit', seq: 0, globalSeq: 1 })],
    unit: 'line',
    run(input, random) {
      const counters = zeroCounters()
      const stream = esloggerStream('macos.eslogger', counters)
      const lines = lineSplitter()
      for (const piece of pieces(input, random)) stream.push(lines.push(piece), NOW_MS)
      stream.push([lines.flush() ?? ''], NOW_MS)
      const { received, emitted, ignored, malformed } = counters
      must(received === emitted + ignored + malformed, 'the books agree')
    },
  },
  {
    name: 'unified log',
    recordings: /^macos-unifiedlog\//,
    made: [
      [spawnLine('a.b', 9), beginLine(1, 'IPv4#03906bbc:443'), taskLine(1, 9, 9)].join('\n'),
      [tcpLine('outgoing'), tcpLine('summary')].join('\n'),
    ],
    unit: 'line',
    run(input, random) {
      const counters = zeroCounters()
      const stream = unifiedLogStream('macos.unified_log', counters)
      const lines = lineSplitter()
      for (const piece of pieces(input, random)) stream.push(lines.push(piece), NOW_MS)
      stream.push([lines.flush() ?? ''], NOW_MS)
      const { received, emitted, ignored, malformed, lost } = counters
      must(received === emitted + ignored + malformed + lost, 'the books agree')
    },
  },
  {
    name: 'launchd property lists',
    recordings: /^macos-launchd\//,
    made: [PLIST],
    unit: 'file',
    run(input) {
      const job = parseLaunchdPlist(input, { file: '/Library/LaunchDaemons/a.plist' })
      if (job.ok && job.value.timing) nextFire(job.value.timing, NOW_MS, 'Europe/Berlin')
    },
  },
  {
    name: 'lsof, nettop, ps, launchctl, dscl',
    recordings: /^$/,
    made: [
      'p9\nccurl\nu0\nLroot\nR1\nf3\ntIPv4\nPTCP\nn198.51.100.1:4000->198.51.100.2:443\nTST=ESTABLISHED\n',
      'time,,interface,state,bytes_in,bytes_out,\n10:00:00.1,curl.9,,,1,2,\n10:00:00.1,tcp4 198.51.100.1:4000<->198.51.100.2:443,en0,Established,1,2,\n',
      '  9   1   0 02-03:04:05 /usr/bin/curl\n',
      'system = {\n\ttype = system\n\tservices = {\n\t\t9 - \ta.b\n\t}\n}\n',
      'system/a.b = {\n\tpath = /a.plist\n\targuments = {\n\t\t/x\n\t}\n\trun interval = 9 seconds\n}\n',
      'ann  501\nnobody  -2\n',
    ],
    unit: 'file',
    run(input) {
      const text = input.toString('utf8')
      outboundOf(parseLsof(text).sockets)
      parseNettop(text)
      parsePs(text, text, NOW_MS)
      parseLaunchctlPrint(text)
      parseLaunchctlService(text)
      parseAccounts(text)
    },
  },
]
