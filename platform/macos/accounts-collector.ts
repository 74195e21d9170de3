/**
 * Names the users of events: sources on macOS tell a uid, and people speak of names. Asked of `dscl` when
 * a uid is met that has no name, at most once a minute.
 */
import type { Clock, Collector } from '../collector.ts'
import type { EpochMs, Event, Process, User } from '../event.ts'
import { parseAccounts } from './accounts.ts'
import { printed } from './program-collector.ts'

const ASK_MS = 60_000
const TIMEOUT_MS = 10_000

export interface AccountsOptions {
  readonly clock: Clock
  readonly command?: string
}

/** The same collector, with names for the users of its events. */
export type Naming = (collector: Collector) => Collector

export function accountNames({ clock, command = '/usr/bin/dscl' }: AccountsOptions): Naming {
  let names: ReadonlyMap<string, string> = new Map([['0', 'root']])
  let askedMs: EpochMs | undefined
  let asking: Promise<void> | undefined

  async function ask(signal: AbortSignal): Promise<void> {
    const nowMs = clock.now()
    if (askedMs !== undefined && Math.abs(nowMs - askedMs) < ASK_MS) return
    askedMs = nowMs
    // Without it users keep their uid, which is no reason to lose their events.
    const text = await printed([command, '.', '-list', '/Users', 'UniqueID'], TIMEOUT_MS, signal)
      .catch(() => undefined)
      .finally(() => {
        asking = undefined
      })
    if (text) names = new Map([['0', 'root'], ...parseAccounts(text)])
  }

  const isNameless = (user: User | undefined): boolean =>
    user?.id !== undefined && user.name === undefined && !names.has(user.id)

  const named = (user: User): User => {
    const name = user.name ?? (user.id === undefined ? undefined : names.get(user.id))
    return name === undefined ? user : { ...user, name }
  }

  return (collector) => ({
    ...collector,
    async *batches(signal, bookmark) {
      for await (const batch of collector.batches(signal, bookmark)) {
        if (batch.events.some((event) => usersOf(event).some(isNameless))) {
          // Several collectors meet a new user at once, and wait for one answer.
          asking ??= ask(signal)
          await asking
        }
        yield { ...batch, events: batch.events.map((event) => withNames(event, named)) }
      }
    },
  })
}

const usersOf = (event: Event): readonly (User | undefined)[] => {
  const process = 'process' in event ? event.process : undefined
  return [process?.user, process?.loginUser, 'user' in event ? event.user : undefined]
}

type Named = (user: User) => User

function withNames<E extends Event>(event: E, named: Named): E {
  const process = 'process' in event ? event.process : undefined
  const user = 'user' in event ? event.user : undefined
  return {
    ...event,
    ...(process && { process: processNamed(process, named) }),
    ...(user && { user: named(user) }),
  }
}

const processNamed = (process: Process, named: Named): Process => ({
  ...process,
  ...(process.user && { user: named(process.user) }),
  ...(process.loginUser && { loginUser: named(process.loginUser) }),
})
