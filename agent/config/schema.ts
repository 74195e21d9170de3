/**
 * The whole configuration, as a person writes it: groups named after the stages. The kinds of
 * settings are in `setting.ts`; the groups of the senses, the detector and the outputs have files of
 * their own.
 */
import * as z from 'zod'
import { collect, correlate } from './schema-collect.ts'
import { alert, detect } from './schema-detect.ts'
import { fleet, local, locked } from './schema-fleet.ts'
import { ship } from './schema-ship.ts'
import { choice, count, duration, path, real, size } from './setting.ts'

const store = z
  .strictObject({
    maxSize: size(
      '256MiB',
      ['16MiB', '64GiB'],
      'Bound of the database; the oldest events and least interesting series make room',
    ),
    maxSeries: count(
      100_000,
      { min: 100, max: 10_000_000, unit: 'series' },
      'Bound of who-sends-where pairs; a flood of destinations must not fill the disk',
    ),
    maxObservations: count(
      500,
      { min: 16, max: 100_000, unit: 'transfers a series' },
      'The newest are kept: 500 are 5 days of a job of every 15 minutes',
    ),
    eventShare: real(
      0.5,
      { min: 0.05, max: 0.9, unit: 'share of maxSize' },
      'Room for the ring of raw events; the rest is for series and alerts',
    ),
    writeInterval: duration(
      '30s',
      ['1s', '10m'],
      'What its source can tell again after a kill is written this often; what it cannot, at once. Longer spares the disk, shorter tells sooner',
    ),
  })
  .prefault({})

const limits = z
  .strictObject({
    cpu: real(
      0.5,
      { min: 0.05, max: 1, unit: 'share of one core' },
      'Above it the excess of the busiest and of new senders is left out, and counted; 1 never leaves out any',
    ),
    maxLag: duration(
      '30s',
      ['1s', '1h'],
      'In a flood what has waited for so long is left out unread, and counted: the agent is never further behind',
    ),
    maxLook: duration(
      '2m',
      ['5s', '1h'],
      'A source that does not answer for so long is given up, begun anew, and the gap told',
    ),
  })
  .prefault({})

const log = z
  .strictObject({
    level: choice(
      ['error', 'warn', 'info', 'debug'],
      'info',
      "What the agent tells of its own work; debug is for reports to the agent's makers",
    ),
  })
  .prefault({})

export const schema = z.strictObject({
  dataDir: path(
    "Folder of the database and the control socket; the system's state folder where not set",
  ),
  collect,
  correlate,
  store,
  detect,
  alert,
  ship,
  limits,
  fleet,
  locked,
  local,
  log,
})

/** What the schema makes of a file: still with durations and sizes as `{ ms }` and `{ bytes }`. */
export type Settings = z.output<typeof schema>
