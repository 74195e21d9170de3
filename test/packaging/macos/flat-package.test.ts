/** A whole package, unpacked by the tools that Debian has for xar, cpio and XML. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { flatPackage } from '../../../packaging/macos/flat-package.ts'
import { readTree } from '../../../packaging/macos/package-tree.ts'
import { readBom } from '../../support/bom-reader.ts'

const programs = ['7z', 'bsdtar', 'xmllint'].filter((name) => !existsSync(join('/usr/bin', name)))
const skip = programs.length > 0 && `not installed: ${programs.join(', ')}`
const SECONDS = 1_790_000_000
const run = (program: string, args: readonly string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

t.test('is read by 7z, bsdtar and xmllint, with the files that went in', { skip }, async (t) => {
  const folder = t.testdir({
    root: {
      Library: { Program: { program: 'binary\0\n', link: t.fixture('symlink', 'program') } },
    },
    scripts: { postinstall: '#!/bin/sh\n', helper: '' },
    package: {},
    files: {},
  })
  const files = readTree(join(folder, 'root'), SECONDS)
  const pkg = flatPackage({
    ...{ identifier: 'io.example.program', version: '1.2.3', title: 'Example & Co', files },
    ...{ architecture: 'arm64', leastMacos: '13.5', createdSeconds: SECONDS },
    scripts: readTree(join(folder, 'scripts'), SECONDS),
  })
  writeFileSync(join(folder, 'x.pkg'), pkg)
  t.match(run('7z', ['t', '-txar', join(folder, 'x.pkg')]), /Everything is Ok/)

  run('bsdtar', ['-xf', join(folder, 'x.pkg'), '-C', join(folder, 'package')])
  const component = join(folder, 'package', 'io.example.program.pkg')
  for (const file of [join(folder, 'package', 'Distribution'), join(component, 'PackageInfo')]) {
    run('xmllint', ['--noout', file])
  }
  const xpath = (expression: string, file: string): string =>
    run('xmllint', ['--xpath', `string(${expression})`, file]).trim()
  const distribution = join(folder, 'package', 'Distribution')
  t.equal(xpath('//title', distribution), 'Example & Co')
  t.equal(xpath('//options/@hostArchitectures', distribution), 'arm64')
  t.equal(xpath('//os-version/@min', distribution), '13.5')
  t.equal(xpath('//pkg-info/@version', join(component, 'PackageInfo')), '1.2.3')
  t.equal(xpath('//postinstall/@file', join(component, 'PackageInfo')), './postinstall')
  t.equal(xpath('count(//preinstall)', join(component, 'PackageInfo')), '0', 'only what is there')

  mkdirSync(join(folder, 'scripts-out'))
  run('bsdtar', ['-xf', join(component, 'Payload'), '-C', join(folder, 'files')])
  run('bsdtar', ['-xf', join(component, 'Scripts'), '-C', join(folder, 'scripts-out')])
  t.strictSame(readTree(join(folder, 'files'), SECONDS), files)
  t.equal(readFileSync(join(folder, 'scripts-out', 'postinstall'), 'utf8'), '#!/bin/sh\n')
  t.strictSame(
    readBom(readFileSync(join(component, 'Bom'))).map(({ path }) => path),
    ['.', './Library', './Library/Program', './Library/Program/link', './Library/Program/program'],
  )
})
