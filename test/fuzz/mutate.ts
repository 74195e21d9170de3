/**
 * Makes hostile inputs of good ones: bytes flipped, dropped, doubled and moved, seeds spliced, numbers
 * made huge, and the words that each format trips over put in the middle. The same random numbers
 * give the same input.
 */
import type { Random } from '../bench/families/random.ts'

/** No input is larger: what a bound of a reader must stop is repeated up to here. */
const MAX_BYTES = 1 << 17

/** Words that mean something to one of the formats, a terminal, or a line of JSON. */
const WORDS: readonly [Buffer, ...Buffer[]] = [
  Buffer.from('\n'),
  ...[
    ...[
      '\r\n',
      '\0',
      '\x1b[2J\x1b]0;x\x07',
      '\u202e',
      '\u2028',
      '\ufeff',
      '\x1d',
      '%',
      '\\',
      '"',
      "'",
    ],
    ...[
      'node=',
      'type=SYSCALL msg=audit(1700000000.000:1): ',
      'type=EOE msg=',
      'a0="',
      ' argc=99999999',
      'a0[999999]=',
    ],
    ...[
      '-1',
      '0',
      '18446744073709551616',
      '1e309',
      'NaN',
      '-0',
      '9007199254740993',
      '0x',
      '*/0',
      '60-0',
      '99999999999',
    ],
    ...[
      '{',
      '}',
      '[',
      ']',
      '{"a":',
      'null',
      '\\u0000',
      '\\ud800',
      '__proto__',
      'constructor',
      'hasOwnProperty',
    ],
    ...[
      '<',
      '>',
      '&#xffffffff;',
      '&lt;',
      '<!DOCTYPE a [<!ENTITY b "c">]>',
      '<![CDATA[',
      ']]>',
      '<?xml',
      '-->',
      '/>',
    ],
    ...[
      '::ffff:1.2.3.4',
      '[::1]:0',
      'fe80::1%lo',
      '255.255.255.256',
      ':65536',
      '@reboot',
      'TZ=',
      'P99999999Y',
      'PT0S',
    ],
    ...[
      '2024-02-30T25:61:61Z',
      '1969-12-31',
      'Feb 29 23:59:60 ',
      '\t\t\t',
      ' '.repeat(64),
      'A'.repeat(4096),
    ],
  ].map((word) => Buffer.from(word)),
  Buffer.from([0xff, 0xfe]),
  Buffer.from([0xc0, 0x80]),
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from([0xf0, 0x9f]),
  Buffer.from([0xff, 0xff, 0xff, 0xff]),
  Buffer.from([0, 0, 0, 0x80]),
]

type Change = (input: Buffer, random: Random, others: readonly Buffer[]) => Buffer

const place = (input: Buffer, random: Random): number => random.whole(0, input.length)

/** A stretch of the input; mostly a short one. */
function stretch(input: Buffer, random: Random): [from: number, to: number] {
  const from = place(input, random)
  const size = Math.floor(random.logBetween(1, Math.max(2, input.length)))
  return [from, Math.min(input.length, from + size)]
}

function replaced(input: Buffer, from: number, to: number, by: Buffer): Buffer {
  return Buffer.concat([input.subarray(0, from), by, input.subarray(to)])
}

const CHANGES: readonly [Change, ...Change[]] = [
  function flipsBits(input, random) {
    const copy = Buffer.from(input)
    for (let n = random.whole(1, 4); n > 0 && copy.length > 0; n--) {
      const at = random.whole(0, copy.length - 1)
      copy[at] = (copy[at] ?? 0) ^ (1 << random.whole(0, 7))
    }
    return copy
  },
  function setsBytes(input, random) {
    const [from, to] = stretch(input, random)
    return replaced(input, from, to, Buffer.alloc(to - from, random.whole(0, 255)))
  },
  function putsWord(input, random) {
    const at = place(input, random)
    return replaced(input, at, at, random.pick(WORDS))
  },
  function replacesByWord(input, random) {
    const [from, to] = stretch(input, random)
    return replaced(input, from, to, random.pick(WORDS))
  },
  function drops(input, random) {
    const [from, to] = stretch(input, random)
    return replaced(input, from, to, Buffer.alloc(0))
  },
  function cutsOff(input, random) {
    return input.subarray(0, place(input, random))
  },
  function repeats(input, random) {
    const [from, to] = stretch(input, random)
    const part = input.subarray(from, to)
    const most = Math.max(1, Math.floor((MAX_BYTES - input.length) / Math.max(1, part.length)))
    const times = Math.floor(random.logBetween(1, Math.min(most, 1_000)))
    return replaced(input, to, to, Buffer.concat(Array.from({ length: times }, () => part)))
  },
  function splices(input, random, others) {
    const other = others[random.whole(0, others.length - 1)] ?? input
    return Buffer.concat([
      input.subarray(0, place(input, random)),
      other.subarray(place(other, random)),
    ])
  },
  function interleaves(input, random, others) {
    const other = others[random.whole(0, others.length - 1)] ?? input
    const lines = [input, other].flatMap((it) => it.toString('latin1').split('\n'))
    for (let i = lines.length - 1; i > 0; i--) {
      if (random.chance(0.7)) continue
      const j = random.whole(0, i)
      const moved = lines[i] as string
      lines[i] = lines[j] as string
      lines[j] = moved
    }
    return Buffer.from(lines.join('\n'), 'latin1')
  },
  function changesNumber(input, random) {
    const text = input.toString('latin1')
    const numbers = [...text.matchAll(/\d+/g)]
    const chosen = numbers[random.whole(0, Math.max(0, numbers.length - 1))]
    if (chosen === undefined) return input
    const digits = random.whole(0, random.chance(0.1) ? 400 : 20)
    const by = Array.from({ length: digits }, () => random.whole(0, 9)).join('')
    return replaced(input, chosen.index, chosen.index + chosen[0].length, Buffer.from(by))
  },
]

/** @param seeds at least one */
export function mutated(seeds: readonly Buffer[], random: Random): Buffer {
  let input = seeds[random.whole(0, seeds.length - 1)] ?? Buffer.alloc(0)
  for (let n = random.whole(0, 4); n > 0; n--) {
    input = random.pick(CHANGES)(input, random, seeds).subarray(0, MAX_BYTES)
  }
  return input
}
