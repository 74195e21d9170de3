/** The settings of the senses on Windows: `collect.windows:`. */
import * as z from 'zod'
import { duration, flag, polled } from './setting.ts'

const source = (reason: string) => z.strictObject({ enabled: flag(true, reason) }).prefault({})

export const windows = z
  .strictObject({
    sysmon: source('The best source of processes, connections and names on Windows'),
    taskScheduler: source('Tells which task ran, and as which process'),
    security: source(
      'Tells who changed a task; without Sysmon also processes and connections, where audited',
    ),
    eventLog: z
      .strictObject({
        poll: duration('1s', ['100ms', '1h'], 'Time between questions for new records'),
        lookBack: duration(
          '1d',
          ['0s', '30d'],
          'How far back the first start of all reads: a beacon is then known in minutes',
        ),
      })
      .prefault({}),
    tasks: polled(
      '1m',
      'Reads the task definitions, so that a rhythm can be laid to its task',
      'Time between looks at the definitions; a task that the log names is read at once',
    ).prefault({}),
  })
  .prefault({})
