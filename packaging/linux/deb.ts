/**
 * The package for Debian, Ubuntu and what is made of them.
 * @see https://www.debian.org/doc/debian-policy/
 */
import { execFileSync } from 'node:child_process'
import { hash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  globSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Executable } from '../executable.ts'
import {
  CONFIG_FILE,
  gzip,
  type LinuxPlace,
  layOut,
  PACKAGE,
  stamp,
  type TreeFile,
} from './tree.ts'

const here = import.meta.dirname
const ARCHITECTURES: Readonly<Record<string, string>> = {
  'linux-x64': 'amd64',
  'linux-arm64': 'arm64',
}
export const MAINTAINER = 'Tidewatch <packages@tidewatch.example>'

/** @returns its path */
export function buildDeb(executable: Executable, { dist, work, builtSeconds }: LinuxPlace): string {
  const { version, target } = executable
  const architecture = ARCHITECTURES[target.name] ?? ''
  layOut(executable, work, builtSeconds, documents(version))
  const control = join(work, 'DEBIAN')
  mkdirSync(control)
  for (const script of ['postinst', 'prerm', 'postrm']) {
    copyFileSync(join(here, 'deb', script), join(control, script))
    chmodSync(join(control, script), 0o755)
  }
  writeFileSync(join(control, 'conffiles'), `${CONFIG_FILE}\n`)
  // auditd may come after the agent.
  writeFileSync(join(control, 'triggers'), 'interest-noawait /etc/audit/plugins.d\n')
  const paths = globSync('**/*', { cwd: work }).filter((path) => !path.startsWith('DEBIAN'))
  const files = paths.filter((path) => lstatSync(join(work, path)).isFile()).sort()
  writeFileSync(join(control, 'md5sums'), files.map((path) => md5Line(work, path)).join(''))
  const bytes = files.reduce((sum, path) => sum + lstatSync(join(work, path)).size, 0)
  writeFileSync(join(control, 'control'), controlText({ version, architecture, bytes }))
  stamp(work, builtSeconds)
  const file = join(dist, `${PACKAGE}_${version}_${architecture}.deb`)
  const options = ['--root-owner-group', '-Zxz', '-z6', '--build', work, file]
  execFileSync('dpkg-deb', options, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, SOURCE_DATE_EPOCH: String(builtSeconds) },
  })
  return file
}

const md5Line = (folder: string, path: string): string =>
  `${hash('md5', readFileSync(join(folder, path)))}  ${path}\n`

/** The libraries are what the pinned Node asks for; systemd-sysusers makes the account. */
const controlText = (of: { version: string; architecture: string; bytes: number }): string =>
  `Package: ${PACKAGE}
Version: ${of.version}
Architecture: ${of.architecture}
Maintainer: ${MAINTAINER}
Installed-Size: ${Math.ceil(of.bytes / 1024)}
Depends: libatomic1 (>= 4.8), libc6 (>= 2.28), libgcc-s1 (>= 3.4), libstdc++6 (>= 5.2), systemd | systemd-standalone-sysusers
Recommends: auditd, conntrack, iproute2
Section: admin
Priority: optional
Description: finds scheduled, recurring transfers of data out of this host
 Tidewatch watches a host for scheduled transfers (MITRE ATT&CK T1029): which
 script sends how much where, as which user, started by which job, how often,
 and how it is known. Alerts are ECS documents; they wait in a local database
 until an endpoint has taken them.
 .
 The agent is one executable that carries its own runtime, and runs as a
 sandboxed systemd service.
`

const documents = (version: string): TreeFile[] => [
  {
    path: `/usr/share/doc/${PACKAGE}/copyright`,
    content: `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Tidewatch
Comment: The executable carries Node.js and libraries, whose licenses are in
 third-party-licenses.gz beside this file.

Files: *
Copyright: 2026 the Tidewatch authors
License: Apache-2.0
 On Debian systems the full text of the Apache License 2.0 is in
 /usr/share/common-licenses/Apache-2.0.
`,
  },
  {
    path: `/usr/share/doc/${PACKAGE}/changelog.gz`,
    content: gzip(
      `${PACKAGE} (${version}) unstable; urgency=medium\n\n  * Release ${version}.\n\n` +
        ` -- ${MAINTAINER}  Thu, 01 Jan 2026 00:00:00 +0000\n`,
    ),
  },
  {
    path: `/usr/share/lintian/overrides/${PACKAGE}`,
    content: `# The runtime is Node.js as it is published, with what it is linked from.
${PACKAGE}: embedded-library *
${PACKAGE}: hardening-no-pie *
`,
  },
]
