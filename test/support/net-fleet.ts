/**
 * A server and several hosts on one machine, for live tests as root: network namespaces on one bridge,
 * which is in the server's. Takes down what it set up.
 */
import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process'
import { stop } from './net-hosts.ts'

/** Of documentation (RFC 5737): never one of a real network. */
const NETWORK = '198.51.100'

export interface NetFleet {
  readonly serverIp: string
  /** A second address of the server. */
  readonly otherIp: string
  /** Starts a program in the server's namespace, or in that of host 0, 1, ...; `close` ends it. */
  start(where: 'server' | number, command: readonly string[], options?: SpawnOptions): ChildProcess
  close(): Promise<void>
}

const ip = (...args: string[]): void => {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] })
}

/** @param name begins the namespaces' names, so that tests do not meet */
export function netFleet(name: string, hosts: number): NetFleet {
  const server = `${name}-server`
  const spaces = Array.from({ length: hosts }, (_, i) => `${name}-${i}`)
  for (const space of [server, ...spaces]) {
    remove(space)
    ip('netns', 'add', space)
    ip('-n', space, 'link', 'set', 'lo', 'up')
  }
  ip('-n', server, 'link', 'add', 'bridge', 'type', 'bridge')
  ip('-n', server, 'link', 'set', 'bridge', 'up')
  for (const last of [1, 2]) {
    ip('-n', server, 'address', 'add', `${NETWORK}.${last}/24`, 'dev', 'bridge')
  }
  spaces.forEach((space, i) => {
    const port = `port${i}`
    ip('-n', server, 'link', 'add', port, 'type', 'veth', 'peer', 'cable', 'netns', space)
    ip('-n', server, 'link', 'set', port, 'master', 'bridge', 'up')
    ip('-n', space, 'address', 'add', `${NETWORK}.${11 + i}/24`, 'dev', 'cable')
    ip('-n', space, 'link', 'set', 'cable', 'up')
  })
  const children: ChildProcess[] = []
  return {
    serverIp: `${NETWORK}.1`,
    otherIp: `${NETWORK}.2`,
    start(where, [program = '', ...args], options = {}) {
      const space = where === 'server' ? server : (spaces[where] ?? '')
      const child = spawn('ip', ['netns', 'exec', space, program, ...args], {
        stdio: 'inherit',
        ...options,
      })
      children.push(child)
      return child
    },
    async close() {
      for (const child of children) await stop(child)
      for (const space of [server, ...spaces]) remove(space)
    },
  }
}

function remove(space: string): void {
  try {
    execFileSync('ip', ['netns', 'delete', space], { stdio: 'ignore' })
  } catch {
    // It was not there.
  }
}
