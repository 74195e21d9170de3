/**
 * The package for Red Hat, Fedora, SUSE and what is made of them: the same files as the deb, by
 * rpmbuild, which runs on Debian too.
 * @see https://rpm-software-management.github.io/rpm/manual/spec.html
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Executable } from '../executable.ts'
import { CONFIG_FILE, type LinuxPlace, layOut, PACKAGE } from './tree.ts'

const ARCHITECTURES: Readonly<Record<string, string>> = {
  'linux-x64': 'x86_64',
  'linux-arm64': 'aarch64',
}

/** @returns its path */
export function buildRpm(executable: Executable, { dist, work, builtSeconds }: LinuxPlace): string {
  const { version, target } = executable
  const architecture = ARCHITECTURES[target.name] ?? ''
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work, { recursive: true })
  const tree = join(work, 'tree')
  layOut(executable, tree, builtSeconds, [])
  const spec = join(work, `${PACKAGE}.spec`)
  writeFileSync(spec, specText(version, tree))
  const macros = {
    _topdir: join(work, 'rpm'),
    _buildhost: 'localhost',
    _binary_payload: 'w19.zstdio',
    // Files are as the executable build left them: stripping again would damage what is inside.
    __os_install_post: '%{nil}',
    use_source_date_epoch_as_buildtime: '1',
    clamp_mtime_to_source_date_epoch: '1',
  }
  const defines = Object.entries(macros).flatMap(([name, value]) => [
    '--define',
    `${name} ${value}`,
  ])
  execFileSync('rpmbuild', ['-bb', '--quiet', '--target', architecture, ...defines, spec], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, SOURCE_DATE_EPOCH: String(builtSeconds) },
  })
  const file = `${PACKAGE}-${version}-1.${architecture}.rpm`
  renameSync(join(work, 'rpm', 'RPMS', architecture, file), join(dist, file))
  return join(dist, file)
}

const specText = (version: string, tree: string): string => `Name: ${PACKAGE}
Version: ${version}
Release: 1
Summary: Finds scheduled, recurring transfers of data out of this host
License: Apache-2.0
AutoReqProv: no
Requires: glibc >= 2.28, libstdc++, libgcc, libatomic, systemd
Recommends: audit, conntrack-tools, iproute
%description
Tidewatch watches a host for scheduled transfers (MITRE ATT&CK T1029): which script sends how much
where, as which user, started by which job, how often, and how it is known. The agent is one executable
that carries its own runtime, and runs as a sandboxed systemd service.

%install
cp -a ${tree}/. %{buildroot}/
mkdir -p %{buildroot}/usr/share/zsh/site-functions
mv %{buildroot}/usr/share/zsh/vendor-completions/* %{buildroot}/usr/share/zsh/site-functions/
rmdir %{buildroot}/usr/share/zsh/vendor-completions

%files
%defattr(-,root,root,-)
%dir /etc/tidewatch
%config(noreplace) %attr(0600,root,root) ${CONFIG_FILE}
/usr/bin/${PACKAGE}
/usr/lib/tidewatch
/usr/lib/systemd/system/${PACKAGE}.service
/usr/lib/sysusers.d/tidewatch.conf
/usr/share/tidewatch
/usr/share/man/man1/${PACKAGE}.1.gz
/usr/share/bash-completion/completions/${PACKAGE}
# Folders of shells that may not be there: without an owner they would stay.
%dir /usr/share/zsh
%dir /usr/share/zsh/site-functions
/usr/share/zsh/site-functions/_${PACKAGE}
%dir /usr/share/fish
%dir /usr/share/fish/vendor_completions.d
/usr/share/fish/vendor_completions.d/${PACKAGE}.fish
%doc /usr/share/doc/${PACKAGE}

%post
systemd-sysusers tidewatch.conf || :
/usr/share/tidewatch/alternatives on || :
/usr/share/tidewatch/audit/switch on || :
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload || :
  if [ "$1" = 1 ]; then systemctl enable --now ${PACKAGE}.service || :; fi
fi

%preun
if [ "$1" = 0 ]; then
  if [ -d /run/systemd/system ]; then systemctl disable --now ${PACKAGE}.service || :; fi
  /usr/share/tidewatch/audit/switch off || :
  /usr/share/tidewatch/alternatives off || :
fi

%postun
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload || :
  if [ "$1" -ge 1 ]; then systemctl try-restart ${PACKAGE}.service || :; fi
fi
`
