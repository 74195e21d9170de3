/**
 * The definitions of tasks as Windows keeps them: one XML file each below System32\Tasks, whose path in
 * there is the task's own. Read at start, then looked at again, since it is a `stat` a file; one that an
 * event names is read at once.
 *
 * A task that is hidden from the Task Scheduler's window has its file like any other, and so has one
 * whose security descriptor was deleted to hide it (Tarrask). Not seen is a task whose file was deleted
 * while the scheduler still has it in the registry; that it runs, its events tell.
 */
import { readFileSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, type Collector, zeroCounters } from '../collector.ts'
import { codeOf } from '../errors.ts'
import type { EpochMs, Schedule } from '../event.ts'
import { malformed, type Parsed, parsed } from '../parsed.ts'
import { type ScheduleLook, scheduleWatch } from '../shared/schedule-watch.ts'
import { parseTask } from './task.ts'
import { taskText } from './task-text.ts'

const dataset = 'windows.tasks'
const MAX_FILE_BYTES = 1 << 20
/** Windows has some 200 of its own. */
const MAX_FILES = 10_000
const MAX_DEPTH = 16

export interface TaskFilesOptions {
  readonly clock: Clock
  readonly pollMs: number
  /** System32\Tasks. */
  readonly tasksDir: string
  readonly known: readonly Schedule[]
}

interface Kept {
  readonly stamp: string
  readonly result: Parsed<Schedule>
}

export function taskFilesCollector(options: TaskFilesOptions): Collector {
  const { clock, pollMs, known, tasksDir } = options
  const counters = zeroCounters()
  let before = new Map<string, Kept>()
  const watch = scheduleWatch<ScheduleLook>({
    ...{ dataset, counters, known },
    remedies: {
      unreadable:
        'may not be read; run the agent as its service (LocalSystem) or as an administrator',
      malformed: 'Windows does not run such a task; correct or remove it',
    },
  })

  async function look(nowMs: EpochMs): Promise<ScheduleLook> {
    const now = new Map<string, Kept>()
    const unreadable: string[] = []

    async function attempt<T>(path: string, act: () => Promise<T>): Promise<T | undefined> {
      try {
        return await act()
      } catch (error) {
        const code = codeOf(error) ?? ''
        if (code === 'EACCES' || code === 'EPERM') unreadable.push(path)
        else if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'EBUSY') throw error
        return undefined
      }
    }

    async function walk(folder: string, id: string, depth: number): Promise<void> {
      const entries = await attempt(folder, () => readdir(folder, { withFileTypes: true }))
      for (const entry of entries ?? []) {
        const [path, name] = [join(folder, entry.name), `${id}\\${entry.name}`]
        if (entry.isDirectory() && depth < MAX_DEPTH) await walk(path, name, depth + 1)
        else if (entry.isFile() && now.size < MAX_FILES) {
          await attempt(path, async () => void now.set(name, await read(path, name, nowMs)))
        }
      }
    }

    await walk(tasksDir, '', 0)
    before = now
    const schedules = new Map<string, Schedule>()
    const bad: string[] = []
    for (const [id, { result }] of now) {
      if (result.ok) schedules.set(id, result.value)
      else bad.push(`${id}: ${result.reason}`)
    }
    return { schedules, unreadable, malformed: bad }
  }

  async function read(path: string, id: string, nowMs: EpochMs): Promise<Kept> {
    const { size, mtimeMs, ino } = await stat(path)
    const stamp = `${ino} ${size} ${mtimeMs}`
    const kept = before.get(id)
    if (kept?.stamp === stamp) return kept
    if (size > MAX_FILE_BYTES)
      return { stamp, result: malformed(`larger than ${MAX_FILE_BYTES} bytes`) }
    return { stamp, result: definition(id, await readFile(path), { file: path, mtimeMs, nowMs }) }
  }

  return {
    dataset,
    description: 'task definitions in System32\\Tasks',
    counters,
    degraded: watch.complaint,
    async *batches(signal) {
      for await (const atMs of clock.ticks(pollMs, signal)) {
        const found = await look(atMs)
        if (signal.aborted) return
        const isFirst = watch.look === undefined
        const events = watch.changesOf(found, atMs)
        if (events.length > 0 || isFirst) yield { events }
      }
    },
  }
}

/** Reads the one definition that an event names; `undefined` where it is gone again, or is none. */
export const taskDefinition =
  (tasksDir: string) =>
  (id: string, nowMs: EpochMs): Schedule | undefined => {
    // The name comes from a record, and must not lead out of the folder.
    if (!id.startsWith('\\') || /[/:]|(?:^|\\)\.\.(?:\\|$)/.test(id)) return undefined
    const path = join(tasksDir, ...id.split('\\'))
    try {
      const bytes = readFileSync(path)
      const result =
        bytes.length > MAX_FILE_BYTES ? undefined : parseTask(id, taskText(bytes), nowMs)
      return result?.ok ? { ...result.value.schedule, file: path } : undefined
    } catch {
      return undefined
    }
  }

interface FileFacts {
  readonly file: string
  readonly mtimeMs: number
  readonly nowMs: EpochMs
}

function definition(
  id: string,
  bytes: Buffer,
  { file, mtimeMs, nowMs }: FileFacts,
): Parsed<Schedule> {
  const task = parseTask(id, taskText(bytes), nowMs)
  if (!task.ok) return task
  return parsed({ ...task.value.schedule, file, modifiedMs: Math.floor(mtimeMs) })
}
