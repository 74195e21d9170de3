/**
 * A Debian that boots, for package tests as root: systemd-nspawn over a root that mmdebstrap makes once.
 * What is written in it lies in memory and ends with it; it has no network but its own loopback.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stop } from './net-hosts.ts'
import { until } from './until.ts'

const CACHE = process.env['TIDEWATCH_CACHE'] ?? '/var/tmp/tidewatch'
/** What the package depends on and recommends, and a scheduler with something to upload by. */
const PACKAGES =
  'systemd,systemd-sysv,dbus,procps,passwd,libatomic1,libstdc++6,cron,curl,auditd,iproute2,conntrack,rpm'
const ROOT = join(CACHE, `systemd-bookworm-${hash('sha256', PACKAGES).slice(0, 8)}`)

export interface Ran {
  readonly code: number
  /** Both streams. */
  readonly output: string
}

export interface Container {
  /** Runs a shell script as root in it. */
  run(script: string): Ran
  close(): Promise<void>
}

/** @param mounts folders of this machine by their path in it, read-only */
export async function startContainer(mounts: Readonly<Record<string, string>>): Promise<Container> {
  makeRoot()
  const binds = Object.entries(mounts).map(([inside, path]) => `--bind-ro=${path}:${inside}`)
  const options = ['-q', '-D', ROOT, '--volatile=overlay', '-b', '--private-network']
  const nspawn = spawn(
    'systemd-nspawn',
    [...options, '--register=no', '--keep-unit', '--console=read-only', ...binds],
    { stdio: 'ignore' },
  )
  let leader = ''
  const run = (script: string): Ran => {
    const env = ['env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', 'LANG=C']
    const words = ['-t', leader, '-a', ...env, 'sh', '-c', script]
    const { status, stdout, stderr } = spawnSync('nsenter', words, { encoding: 'utf8' })
    return { code: status ?? -1, output: `${stdout}${stderr}` }
  }
  await until(
    'the container has booted',
    () => {
      leader = childOf(nspawn)
      return leader !== '' && /running|degraded/.test(run('systemctl is-system-running').output)
    },
    60_000,
  )
  return {
    run,
    async close() {
      // SIGTERM to nspawn would only ask again.
      run('systemctl --no-block poweroff')
      await stop(nspawn)
    },
  }
}

function makeRoot(): void {
  if (existsSync(ROOT)) return
  mkdirSync(CACHE, { recursive: true })
  const words = ['--quiet', '--variant=minbase', `--include=${PACKAGES}`, 'bookworm', `${ROOT}.new`]
  execFileSync('rm', ['-rf', `${ROOT}.new`])
  execFileSync('mmdebstrap', words, { stdio: ['ignore', 'ignore', 'inherit'] })
  execFileSync('mv', [`${ROOT}.new`, ROOT])
}

function childOf({ pid }: ChildProcess): string {
  const path = `/proc/${pid}/task/${pid}/children`
  return existsSync(path) ? (readFileSync(path, 'utf8').trim().split(' ')[0] ?? '') : ''
}
