/** What is fuzzed beside the operating systems' readers: Zeek's logs, configuration, requests, text. */
import { parseConfig } from '../../agent/config/parse.ts'
import { parseRequest } from '../../agent/control/protocol.ts'
import { clean } from '../../agent/report/text.ts'
import { parseIp } from '../../platform/address.ts'
import { zeekReader } from '../../platform/recordings/zeek-reader.ts'
import { lineSplitter } from '../../platform/shared/lines.ts'
import { type FuzzTarget, must, pieces } from './target.ts'

/** What a terminal may obey: controls of C0 and C1, and marks that turn the direction of writing. */
const OBEYED = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u

export const COMMON_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'Zeek logs',
    recordings: /^zeek\/(?!.*\.gz$)/,
    made: [
      '#separator \\x09\n#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\torig_bytes\n1700000000.1\t198.51.100.1\t4000\t198.51.100.2\t443\ttcp\t99\n',
    ],
    unit: 'file',
    run(input, random) {
      const read = (chunks: Iterable<Buffer>) => {
        const reader = zeekReader({ connection() {}, name() {} })
        for (const chunk of chunks) reader.push(chunk)
        reader.end()
        const { rows, connections, names, ignored, malformed } = reader.counts
        must(rows === connections + names + ignored + malformed, 'the books agree')
        return JSON.stringify([reader.counts, reader.refusal])
      }
      must(read([input]) === read(pieces(input, random)), 'the same wherever the bytes are split')
    },
  },
  {
    name: 'lines',
    recordings: /^$/,
    made: ['a\r\n\nb\u20acc\nlast'],
    unit: 'file',
    run(input, random) {
      const read = (chunks: Iterable<Buffer>) => {
        const splitter = lineSplitter(1_000)
        const found = [...chunks].flatMap((chunk) => splitter.push(chunk))
        must(splitter.pendingBytes <= 1_000, 'no more is held than is allowed')
        return JSON.stringify([found, splitter.flush(), splitter.overlong])
      }
      must(read([input]) === read(pieces(input, random)), 'the same wherever the bytes are split')
    },
  },
  {
    name: 'configuration',
    recordings: /^$/,
    made: [
      'detect:\n  minScore: 0.8\n  allow:\n    - destination: "*.example"\nship: { url: "https://x" }\n',
      'a: &a [*a]\n',
    ],
    unit: 'file',
    run: (input) => void parseConfig(input.toString('utf8')),
  },
  {
    name: 'requests to the control socket',
    recordings: /^$/,
    made: ['{"request":"status"}', '{"request":"alerts","limit":10}'],
    unit: 'file',
    run: (input) => void parseRequest(input.toString('utf8')),
  },
  {
    name: 'text for a terminal, and addresses',
    recordings: /^$/,
    made: ['a\x1b[31mred\x07\u202e', '::ffff:198.51.100.2'],
    unit: 'file',
    run(input) {
      const text = input.toString('utf8')
      must(!OBEYED.test(clean(text)), 'nothing that a terminal obeys is left')
      parseIp(text)
    },
  },
]
