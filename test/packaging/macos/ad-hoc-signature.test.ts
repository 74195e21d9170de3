/** On better-sqlite3's libraries for macOS: the one for Apple's processors is signed, Intel's is not. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { signAdHoc } from '../../../packaging/macos/ad-hoc-signature.ts'
import { codeSignatureOf } from '../../support/code-signature.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const library = (cpu: string): Buffer =>
  readFileSync(join(root, 'node_modules/better-sqlite3/prebuilds', `darwin-${cpu}.node`))
const IDENTIFIER = 'io.example.program'
const AD_HOC = 0x2
const OBJCOPY = '/usr/bin/llvm-objcopy-14'

t.test("the second reader agrees with Apple's own linker", async (t) => {
  t.match(codeSignatureOf(library('arm64')), { wrongPages: [], endsWithFile: true })
  t.equal(codeSignatureOf(library('x64')), undefined)
})

for (const cpu of ['arm64', 'x64']) {
  t.test(`${cpu}: each page is signed, to the end of the file`, async (t) => {
    const signed = signAdHoc(library(cpu), IDENTIFIER)
    const signature = codeSignatureOf(signed)
    t.match(signature, { identifier: IDENTIFIER, wrongPages: [], endsWithFile: true })
    t.equal((signature?.flags ?? 0) & AD_HOC, AD_HOC)
    t.strictSame(signAdHoc(library(cpu), IDENTIFIER), signed, 'twice the same bytes')
    t.strictSame(signAdHoc(signed, IDENTIFIER), signed, 'a signature is replaced, not added')
  })

  t.test(`${cpu}: a changed byte is seen`, async (t) => {
    const signed = signAdHoc(library(cpu), IDENTIFIER)
    signed[50_000] = (signed[50_000] ?? 0) ^ 1
    t.strictSame(codeSignatureOf(signed)?.wrongPages, [Math.floor(50_000 / 4096)])
  })

  const skip = !existsSync(OBJCOPY) && 'not installed: llvm-14'
  t.test(`${cpu}: LLVM signs the same file with the same bytes`, { skip }, async (t) => {
    const folder = t.testdir({ plain: signAdHoc(library(cpu), 'other') })
    // It signs anew what was signed, and names the program after the file.
    execFileSync(OBJCOPY, [join(folder, 'plain'), join(folder, IDENTIFIER)])
    const theirs = readFileSync(join(folder, IDENTIFIER))
    const ours = signAdHoc(theirs, IDENTIFIER)
    t.ok(codeSignatureOf(theirs), 'LLVM has signed it')
    t.equal(ours.compare(theirs), 0)
  })
}

for (const [what, file] of [
  ['nothing', Buffer.alloc(0)],
  ['text', Buffer.from('#!/bin/sh\nexit 0\n'.repeat(10))],
  ['a file for Linux', readFileSync(process.execPath).subarray(0, 4096)],
] as const) {
  t.test(`refuses ${what}`, async (t) => {
    t.throws(() => signAdHoc(file, IDENTIFIER), { message: /not a thin 64-bit Mach-O/ })
  })
}
