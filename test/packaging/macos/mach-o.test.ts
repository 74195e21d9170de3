import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readMachO, roundUp, withSignatureCommand } from '../../../packaging/macos/mach-o.ts'

const prebuilds = join(import.meta.dirname, '../../../node_modules/better-sqlite3/prebuilds')
const intel = () => readFileSync(join(prebuilds, 'darwin-x64.node'))

t.test('reads where segments lie, and that a library is no program', async (t) => {
  const file = intel()
  const machO = readMachO(file)
  t.equal(machO.isProgram, false)
  t.equal(machO.memoryPageBytes, 4096)
  t.equal(machO.text.fileAt, 0)
  t.equal(machO.linkEdit.fileAt + machO.linkEdit.fileBytes, file.length, 'the last one ends it')
  t.equal(machO.signature, undefined)
  t.ok(machO.commandsEnd < machO.roomEnd)
})

t.test('an added signature is found again', async (t) => {
  const file = intel()
  withSignatureCommand(file, readMachO(file), { fileAt: file.length, fileBytes: 1_000 })
  const { signature, linkEdit } = readMachO(file)
  t.match(signature, { fileAt: file.length, fileBytes: 1_000 })
  t.equal(linkEdit.fileAt + linkEdit.fileBytes, file.length + 1_000)
})

t.test('no room for it is an error, and no file that does not start', async (t) => {
  const file = intel()
  const machO = readMachO(file)
  const full = { ...machO, roomEnd: machO.commandsEnd }
  const place = { fileAt: file.length, fileBytes: 1_000 }
  t.throws(() => withSignatureCommand(file, full, place), { message: /no room/ })
})

t.test('a load command that leaves the others is refused', async (t) => {
  const file = intel()
  file.writeUInt32LE(0xffff, 32 + 4)
  t.throws(() => readMachO(file), { message: /out of bounds/ })
})

t.test('rounds up', async (t) => {
  t.strictSame([roundUp(0, 16), roundUp(1, 16), roundUp(16, 16)], [0, 16, 16])
})
