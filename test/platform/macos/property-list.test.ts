import fc from 'fast-check'
import { buildBinary } from 'plist'
import t from 'tap'
import { parsePropertyList } from '../../../platform/macos/property-list.ts'
import { holds } from '../../support/holds.ts'

const XML = '<plist version="1.0"><dict><key>Label</key><string>a &amp; b</string></dict></plist>'
const DECLARED = `<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n${XML}\n`
const value = { Label: 'a & b' }
const read = (bytes: string | Uint8Array) => parsePropertyList(Buffer.from(bytes))

const reads: Record<string, string | Uint8Array> = {
  'XML without a declaration': XML,
  'XML with declaration and document type': DECLARED,
  'white space before the declaration': `\n \t${DECLARED}`,
  'a comment before the declaration': `<!-- made by\nhand -->\n${DECLARED}`,
  'a byte order mark': `\uFEFF${DECLARED}`,
  'UTF-16': Buffer.from(`\uFEFF${DECLARED}`, 'utf16le'),
  'a comment behind the end': `${DECLARED}<!-- end -->\n`,
  binary: buildBinary(value),
}
for (const [name, bytes] of Object.entries(reads)) {
  t.test(`reads ${name}`, async (t) => t.strictSame(read(bytes), { ok: true, value }))
}

const refuses: Record<string, [string | Uint8Array, RegExp]> = {
  'an empty file': ['', /^empty file$/],
  'text of another kind': ['backup=daily\n', /damaged XML property list: not XML/],
  'XML that was cut': [DECLARED.slice(0, -30), /cut off/],
  'XML with crossed tags': ['<plist><dict><key>a</dict></key></plist>', /damaged XML/],
  'binary that was cut': [buildBinary({ a: 'x'.repeat(50) }).subarray(0, 40), /damaged binary/],
  'a file beyond all sense': [Buffer.alloc((1 << 20) + 1, ' '), /larger than/],
}
for (const [name, [bytes, reason]] of Object.entries(refuses)) {
  t.test(`refuses ${name}`, async (t) => t.match(read(bytes), { ok: false, reason }))
}

t.test('properties', async (t) => {
  const binary = Buffer.from(buildBinary({ Label: 'x', list: [1, true, { a: 'b' }] }))
  const flipped = fc.property(fc.nat(binary.length - 1), fc.nat(255), (at, byte) => {
    const copy = Buffer.from(binary)
    copy[at] = byte
    read(copy)
  })
  holds(t, 'never throws on a binary list with a wrong byte', flipped, { numRuns: 300 })
  const noise = fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
    read(bytes)
    read(Buffer.concat([Buffer.from('bplist00'), bytes]))
  })
  holds(t, 'never throws on noise', noise)
  const cut = fc.property(fc.nat(DECLARED.trimEnd().length - 1), (end) => {
    return !read(DECLARED.slice(0, end)).ok
  })
  holds(t, 'a file that was cut anywhere is damaged', cut)
})
