/**
 * The settings of the detector and of alerts: `detect:` and `alert:`. Nine of them are the mutable
 * elements of detection strategy DET0399, under its names; README.md maps them to its analytics.
 */
import * as z from 'zod'
import { choice, count, destinations, duration, patterns, real, words } from './setting.ts'
import { timeWindow } from './time-window.ts'

const INTERVALS = ['1s', '400d'] as const

/** DET0399, analytic AN1118 (Windows). */
const windowsElements = {
  timeWindow: timeWindow(
    'A series counts only where transfers begin within it: "any", or hours and days, such as nights',
  ),
  destIpAllowlist: destinations(
    'Recurring transfers to these are expected: kept, and never alerted',
  ),
  parentProcessBaseline: words(
    [],
    'path globs',
    'Programs that are expected to make recurring transfers, as are those that they start; on macOS also signed:TEAMID',
  ),
}

/** DET0399, analytic AN1119 (Linux). */
const linuxElements = {
  scriptPathRegex: patterns(
    ['^/(?:tmp|var/tmp|dev/shm|run/shm)/', '/\\.[^/.][^/]*(?:/|$)', '^/(?:home/[^/]+|root)/'],
    'A script or program whose path matches raises the risk: places that any user can write to',
  ),
  cronIntervalThreshold: z
    .strictObject({
      min: duration('1s', INTERVALS, 'A shorter interval is a stream, and no schedule'),
      max: duration(
        '35d',
        INTERVALS,
        'A longer interval is not repetitive; 35d holds a monthly job',
      ),
    })
    .refine(({ min, max }) => min.ms <= max.ms, { error: 'min must not be above max' })
    .prefault({}),
  exfilUserContext: words(
    ['root', 'www-data', 'nginx', 'apache', 'nobody', 'daemon'],
    'user names or ids',
    'Recurring transfers of these users raise the risk: they read much, or should send nothing',
  ),
}

/** DET0399, analytic AN1120 (macOS). */
const macosElements = {
  agentPathPatterns: words(
    [
      '/Library/LaunchAgents/*',
      '/Library/LaunchDaemons/*',
      '/Users/*/Library/LaunchAgents/*',
      '/Users/Shared/**',
    ],
    'path globs',
    'A job that is defined or runs at such a path raises the risk: where persistence is put',
  ),
  repeatIntervalDelta: real(
    0.6,
    { min: 0, max: 1, unit: 'share of the period' },
    'Largest spread between repeats that still counts as repeating; beacons use up to 0.5',
  ),
  userHomeJobs: choice(
    ['raise', 'ignore'],
    'raise',
    "Whether a job that lives in a user's home raises the risk; ignore where users may schedule",
  ),
}

export const detect = z
  .strictObject({
    ...windowsElements,
    ...linuxElements,
    ...macosElements,
    minObservations: count(
      3,
      { min: 3, max: 100, unit: 'transfers' },
      'Fewest transfers to judge a rhythm by: three fire times of a known job are evidence',
    ),
    minScore: real(
      0.5,
      { min: 0, max: 1, unit: 'probability' },
      'From this probability on a series is recurring; lower finds more, and errs more',
    ),
    learningPeriod: duration(
      '0s',
      ['0s', '90d'],
      'For so long after the first start what recurs is taken as known, and not alerted',
    ),
  })
  .prefault({})

export const alert = z
  .strictObject({
    minRisk: count(
      40,
      { min: 0, max: 100, unit: 'points' },
      'A recurring transfer of less risk is listed, and not alerted',
    ),
    maxPerHour: count(
      20,
      { min: 1, max: 1_000, unit: 'alerts' },
      'More wait for the next hour, highest risk first; a host that floods helps no one',
    ),
    updateInterval: duration(
      '1h',
      ['1m', '7d'],
      'An alert that goes on is sent again at most this often, under the same id',
    ),
  })
  .prefault({})
