import { hash } from 'node:crypto'
import { inflateSync } from 'node:zlib'
import t from 'tap'
import { xar } from '../../../packaging/macos/xar.ts'

t.test('the header leads to the table, its checksum and the files', async (t) => {
  const contents = Buffer.from('contents')
  const archive = xar(
    [
      { name: 'a<b', contents },
      { name: 'c', children: [] },
    ],
    1_790_000_000,
  )
  t.equal(archive.toString('latin1', 0, 4), 'xar!')
  const headerBytes = archive.readUInt16BE(4)
  const tableBytes = Number(archive.readBigUInt64BE(8))
  const heap = archive.subarray(headerBytes + tableBytes)
  const compressed = archive.subarray(headerBytes, headerBytes + tableBytes)
  const table = inflateSync(compressed)
  t.equal(table.length, Number(archive.readBigUInt64BE(16)))
  t.strictSame(heap.subarray(0, 20), hash('sha1', compressed, 'buffer'))
  t.strictSame(heap.subarray(20), contents)
  t.match(String(table), /<name>a&lt;b<\/name>.*<length>8<\/length><offset>20<\/offset>/)
  t.match(String(table), '<creation-time>2026-09-21T14:13:20</creation-time>')
})
