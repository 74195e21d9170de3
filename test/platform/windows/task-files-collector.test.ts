import { chmodSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { ScheduleChange } from '../../../platform/event.ts'
import {
  taskDefinition,
  taskFilesCollector,
} from '../../../platform/windows/task-files-collector.ts'
import { fakeClock } from '../../support/fake-clock.ts'

const NOW = Date.UTC(2026, 0, 2)
/** As Windows writes one. */
const task = (command: string, settings = ''): Buffer =>
  Buffer.from(
    [
      '\ufeff<?xml version="1.0" encoding="UTF-16"?>',
      '<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task"><Triggers>',
      '<TimeTrigger><Repetition><Interval>PT15M</Interval></Repetition>',
      '<StartBoundary>2026-01-01T00:00:00</StartBoundary></TimeTrigger></Triggers>',
      `<Settings>${settings}</Settings>`,
      `<Actions><Exec><Command>${command}</Command></Exec></Actions></Task>`,
    ].join('\r\n'),
    'utf16le',
  )

function folderOf(t: Test): string {
  const folder = t.testdir({})
  mkdirSync(join(folder, 'Microsoft', 'Windows'), { recursive: true })
  writeFileSync(join(folder, 'Microsoft', 'Windows', 'Sync'), task('C:\\sync.exe'))
  writeFileSync(join(folder, 'evil'), task('C:\\evil.cmd', '<Hidden>true</Hidden>'))
  return folder
}

async function* changes(tasksDir: string, ticks: number, known: ScheduleChange['schedule'][] = []) {
  const collector = taskFilesCollector({
    ...{ clock: fakeClock(NOW, ticks), pollMs: 60_000, tasksDir, known },
  })
  for await (const { events } of collector.batches(new AbortController().signal, {
    load: () => undefined,
  })) {
    yield { events: events as ScheduleChange[], problem: collector.degraded?.() }
  }
}

t.test('every task below the folder is found, hidden or not, by its path', async (t) => {
  const folder = folderOf(t)
  const [first] = await Array.fromAsync(changes(folder, 2))
  const found = first?.events.map(({ change, schedule }) => [change, schedule.id, schedule.command])
  t.strictSame(found?.sort(), [
    ['found', '\\Microsoft\\Windows\\Sync', 'C:\\sync.exe'],
    ['found', '\\evil', 'C:\\evil.cmd'],
  ])
  t.match(first?.events.find(({ schedule }) => schedule.id === '\\evil')?.schedule, {
    timing: { kind: 'interval', everyMs: 900_000 },
    file: join(folder, 'evil'),
    modifiedMs: Number,
  })
})

t.test('what is written, changed and removed is told once', async (t) => {
  const folder = folderOf(t)
  const told: string[][] = []
  const steps = [
    () => writeFileSync(join(folder, 'new'), task('C:\\new.exe')),
    () => {
      writeFileSync(join(folder, 'evil'), task('C:\\other.cmd'))
      utimesSync(join(folder, 'evil'), 1, 1)
    },
    () => rmSync(join(folder, 'Microsoft'), { recursive: true }),
  ]
  for await (const { events } of changes(folder, 4)) {
    told.push(events.map(({ change, schedule }) => `${change} ${schedule.id}`))
    steps.shift()?.()
  }
  t.strictSame(told.slice(1), [
    ['creation \\new'],
    ['change \\evil'],
    ['deletion \\Microsoft\\Windows\\Sync'],
  ])
})

t.test('a file that is no task is said with its remedy', async (t) => {
  const folder = folderOf(t)
  writeFileSync(join(folder, 'broken'), 'MZ')
  const [first] = await Array.fromAsync(changes(folder, 1))
  t.equal(first?.events.length, 2)
  t.match(first?.problem, /^\\broken: .*; correct or remove it|Windows does not run/)
})

t.test(
  'a folder that may not be read is said',
  { skip: process.getuid?.() === 0 && 'root may' },
  async (t) => {
    const folder = folderOf(t)
    chmodSync(join(folder, 'Microsoft'), 0)
    t.teardown(() => chmodSync(join(folder, 'Microsoft'), 0o755))
    const [first] = await Array.fromAsync(changes(folder, 1))
    t.match(first?.problem, /may not be read; .*LocalSystem/)
  },
)

t.test('one that an event names is read at once, and nothing outside the folder', async (t) => {
  const folder = folderOf(t)
  const read = taskDefinition(join(folder, 'Microsoft'))
  t.match(read('\\Windows\\Sync', NOW), { id: '\\Windows\\Sync', command: 'C:\\sync.exe' })
  for (const id of [
    '\\Windows\\Gone',
    '\\..\\evil',
    'evil',
    '\\..',
    '\\Windows/Sync',
    '\\a:b',
    '',
  ]) {
    t.equal(read(id, NOW), undefined, id)
  }
})
