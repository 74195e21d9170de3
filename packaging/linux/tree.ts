/**
 * What a Linux package puts on a host, laid out as a folder: the deb and the rpm have the same files.
 * Times of files are one moment, so that two builds are the same bytes.
 */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { ACCOUNT_LINE, systemdUnit, UNIT_NAME } from '../../agent/service/systemd-unit.ts'
import type { Executable } from '../executable.ts'
import { packagesOf } from '../sbom.ts'

const here = import.meta.dirname
const root = join(here, '..', '..')

export interface LinuxPlace {
  /** Where the package goes. */
  readonly dist: string
  /** For what is left over; emptied first. */
  readonly work: string
  /** The time of every file in it, s since the epoch. */
  readonly builtSeconds: number
}

export const PACKAGE = 'tidewatch-agent'
const PROGRAM_FOLDER = '/usr/lib/tidewatch'
export const CONFIG_FILE = '/etc/tidewatch/agent.yml'

interface TreeFile {
  readonly path: string
  readonly content: string | Uint8Array
  readonly mode?: number
}

/** @param folder made anew */
export function layOut(
  executable: Executable,
  folder: string,
  builtSeconds: number,
  docFiles: readonly TreeFile[],
): void {
  rmSync(folder, { recursive: true, force: true })
  for (const file of executable.files) {
    const path = join(folder, PROGRAM_FOLDER, file)
    mkdirSync(dirname(path), { recursive: true })
    copyFileSync(join(executable.folder, file), path)
    chmodSync(path, file.endsWith('.node') ? 0o644 : 0o755)
  }
  for (const file of [...hostFiles(), ...docFiles, licenses(executable)]) put(folder, file)
  const program = join(folder, 'usr/bin', PACKAGE)
  mkdirSync(dirname(program), { recursive: true })
  symlinkSync(`../lib/tidewatch/${executable.target.executable}`, program)
  stamp(folder, builtSeconds)
}

function hostFiles(): TreeFile[] {
  const own = (name: string, mode?: number): TreeFile => ({
    path: `/usr/share/tidewatch/${name}`,
    content: readFileSync(join(here, name)),
    ...(mode !== undefined && { mode }),
  })
  return [
    {
      path: `/usr/lib/systemd/system/${UNIT_NAME}`,
      content: systemdUnit([`${PROGRAM_FOLDER}/tidewatch`]),
    },
    { path: '/usr/lib/sysusers.d/tidewatch.conf', content: `${ACCOUNT_LINE}\n` },
    // For root alone: what is let pass is of use to who wants to pass.
    { path: CONFIG_FILE, content: readFileSync(join(here, 'agent.yml')), mode: 0o600 },
    own('audit/tidewatch.rules'),
    own('audit/switch', 0o755),
    own('alternatives', 0o755),
    { path: `/usr/share/man/man1/${PACKAGE}.1.gz`, content: gzip(agentSays('manual')) },
    // The command has two names.
    {
      path: `/usr/share/bash-completion/completions/${PACKAGE}`,
      content: agentSays('completion', 'bash').replace(
        /^(complete .*) agent$/m,
        `$1 agent ${PACKAGE}`,
      ),
    },
    {
      path: `/usr/share/zsh/vendor-completions/_${PACKAGE}`,
      content: agentSays('completion', 'zsh').replace(
        /^#compdef agent$/m,
        `#compdef agent ${PACKAGE}`,
      ),
    },
    {
      path: `/usr/share/fish/vendor_completions.d/${PACKAGE}.fish`,
      content: `${agentSays('completion', 'fish')}complete -c ${PACKAGE} -w agent\n`,
    },
  ]
}

/** From its sources, as root sees it: the same text on each machine. */
const agentSays = (...words: readonly string[]): string =>
  execFileSync(process.execPath, [join(root, 'agent', 'main.ts'), ...words], {
    encoding: 'utf8',
    env: { HOME: '/root', TZ: 'UTC', LANG: 'C' },
  })

export const gzip = (text: string): Uint8Array => gzipSync(text, { level: 9 })

/** Node's own file holds those of all that it is made of. */
function licenses({ target, bundle }: Executable): TreeFile {
  const folders = [target.nodePackage, 'koffi', ...packagesOf(bundle.sources)]
  const texts = folders.flatMap((name) => {
    const folder = join(root, 'node_modules', name)
    const file = existsSync(folder)
      ? readdirSync(folder).find((file) => /^licen[cs]e/i.test(file))
      : undefined
    const text = file === undefined ? nodeLicense(name) : readFileSync(join(folder, file), 'utf8')
    return text === undefined ? [] : [`==== ${name}\n\n${text.trim()}\n`]
  })
  const path = `/usr/share/doc/${PACKAGE}/third-party-licenses.gz`
  return { path, content: gzip(texts.join('\n')) }
}

/** Of a Node for another processor, which npm does not install here: it is the same text. */
const nodeLicense = (name: string): string | undefined => {
  const path = join(root, 'node_modules', `node-linux-${process.arch}`, 'LICENSE')
  return name.startsWith('node-linux-') && existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

function put(folder: string, { path, content, mode = 0o644 }: TreeFile): void {
  const place = join(folder, path)
  mkdirSync(dirname(place), { recursive: true })
  writeFileSync(place, content)
  chmodSync(place, mode)
}

export type { TreeFile }

/** Folders as any may read, and the one time. */
export function stamp(folder: string, builtSeconds: number): void {
  execFileSync('find', [folder, '-type', 'd', '-exec', 'chmod', '0755', '{}', '+'])
  execFileSync('find', [folder, '-exec', 'touch', '-h', '-d', `@${builtSeconds}`, '{}', '+'])
}
