/**
 * Two hosts on one machine, for live tests as root: network namespaces joined by a cable, with
 * connection tracking and its accounting switched on in the first. Takes down what it set up.
 */
import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'

export interface NetHosts {
  readonly clientIp: string
  readonly serverIp: string
  /** Starts a program on one of the hosts; `close` ends it. */
  start(host: 'client' | 'server', command: readonly string[], options?: SpawnOptions): ChildProcess
  close(): Promise<void>
}

const ip = (...args: string[]): void => {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] })
}

/** @param name begins the namespaces' names, so that tests do not meet */
export function netHosts(name: string): NetHosts {
  const spaces = { client: `${name}-client`, server: `${name}-server` }
  const [clientIp, serverIp] = ['198.51.100.1', '198.51.100.2']
  for (const space of Object.values(spaces)) {
    removeQuietly(space)
    ip('netns', 'add', space)
    ip('-n', space, 'link', 'set', 'lo', 'up')
  }
  ip(
    '-n',
    spaces.client,
    'link',
    'add',
    'cable',
    'type',
    'veth',
    'peer',
    'cable',
    'netns',
    spaces.server,
  )
  for (const [space, address] of [
    [spaces.client, clientIp],
    [spaces.server, serverIp],
  ] as const) {
    ip('-n', space, 'address', 'add', `${address}/24`, 'dev', 'cable')
    ip('-n', space, 'link', 'set', 'cable', 'up')
  }
  const onClient = ['netns', 'exec', spaces.client]
  ip(...onClient, 'sysctl', '-qw', 'net.netfilter.nf_conntrack_acct=1')
  // The kernel tracks connections only where a rule asks for their state.
  ip(
    ...onClient,
    'nft',
    'add table inet track { chain out { type filter hook output priority 0; ct state new accept; } ; }',
  )

  const children: ChildProcess[] = []
  return {
    clientIp,
    serverIp,
    start(host, [program = '', ...args], options = {}) {
      const child = spawn('ip', ['netns', 'exec', spaces[host], program, ...args], {
        stdio: 'inherit',
        ...options,
      })
      children.push(child)
      return child
    },
    async close() {
      for (const child of children) await stop(child)
      for (const space of Object.values(spaces)) removeQuietly(space)
    },
  }
}

/** Ends a child by its own pid: gently, then for good. */
export async function stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await ended
  clearTimeout(timer)
}

function removeQuietly(space: string): void {
  try {
    execFileSync('ip', ['netns', 'delete', space], { stdio: 'ignore' })
  } catch {
    // It was not there.
  }
}
