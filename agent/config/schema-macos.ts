/** The settings of the senses on macOS: `collect.macos:`. Each is a program that the system brings. */
import * as z from 'zod'
import { flag, polled } from './setting.ts'

const source = (reason: string) => z.strictObject({ enabled: flag(true, reason) }).prefault({})

export const macos = z
  .strictObject({
    processes: source('Tells by ps what runs at the start, so that later processes have parents'),
    eslogger: source(
      'The one source of processes on macOS; wants root and Full Disk Access for tidewatch',
    ),
    schedules: polled(
      '15s',
      'Reads what launchd, cron and at are to run, so that a rhythm can be laid to its job',
      'Time between looks at the definitions; a job shorter-lived than this is missed',
    ).prefault({}),
    unifiedLog: source(
      'Tells jobs that launchd starts, and connections with their bytes, addresses masked',
    ),
    lsof: polled(
      '5s',
      'Tells process and address in clear, of connections that last',
      'Time between looks; what opens and closes between two is known masked only',
    ).prefault({}),
    nettop: polled(
      '30s',
      'Tells the bytes of connections that are still open',
      "Time between looks; a shorter connection has its bytes in the kernel's summary",
    ).prefault({}),
  })
  .prefault({})
