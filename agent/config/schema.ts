/**
 * The whole configuration, as a person writes it: groups named after the stages. The kinds of
 * settings are in `setting.ts`; the groups of the senses and the detector have files of their own.
 */
import { z } from 'zod'
import { collect, correlate } from './schema-collect.ts'
import { alert, detect } from './schema-detect.ts'
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
  })
  .prefault({})

const URL_EXPECTED = 'must be an http:// or https:// URL without a user name or password in it'
const ONE_CREDENTIAL = 'apiKeyFile, basicAuthFile and bearerFile exclude each other: set one'
const CLIENT_PAIR = 'clientCertFile and clientKeyFile belong together: set both or neither'

const ship = z
  .strictObject({
    url: z
      .string(URL_EXPECTED)
      .max(2_048, URL_EXPECTED)
      .refine(isPlainUrl, URL_EXPECTED)
      .optional()
      .meta({
        description: 'Where alerts are sent; without it they stay in the local database',
        kind: 'URL',
      }),
    format: choice(
      ['elasticsearch', 'ndjson'],
      'elasticsearch',
      'The _bulk interface of Elasticsearch and OpenSearch, or lines of JSON for any HTTP receiver',
    ),
    dataStream: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]{0,199}$/, 'must be a data stream name in lower case')
      .default('logs-tidewatch.alert-default')
      .meta({ description: 'Where Elasticsearch files the alerts', kind: 'name' }),
    apiKeyFile: path('File with an Elasticsearch API key; secrets never stand in this file'),
    basicAuthFile: path('File with user:password'),
    bearerFile: path('File with a bearer token'),
    caFile: path("File with the certificates to trust, PEM; the system's where not set"),
    clientCertFile: path('File with the client certificate, PEM, for mutual TLS'),
    clientKeyFile: path('File with its key, PEM'),
    batchSize: count(
      200,
      { min: 1, max: 5_000, unit: 'alerts' },
      'Alerts in a request; an alert is below 2 KiB, so 200 stay below 400 KiB',
    ),
    timeout: duration(
      '30s',
      ['1s', '10m'],
      'A request without an answer for so long is tried again',
    ),
    maxBackoff: duration(
      '5m',
      ['1s', '6h'],
      'Longest wait between tries while the endpoint is away; waits double up to it',
    ),
  })
  .refine(hasOneCredential, { error: ONE_CREDENTIAL })
  .refine((it) => (it.clientCertFile === undefined) === (it.clientKeyFile === undefined), {
    error: CLIENT_PAIR,
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
  log,
})

/** What the schema makes of a file: still with durations and sizes as `{ ms }` and `{ bytes }`. */
export type Settings = z.output<typeof schema>

function isPlainUrl(text: string): boolean {
  const url = URL.parse(text)
  return (
    url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
  )
}

function hasOneCredential(it: {
  apiKeyFile?: string | undefined
  basicAuthFile?: string | undefined
  bearerFile?: string | undefined
}): boolean {
  return [it.apiKeyFile, it.basicAuthFile, it.bearerFile].filter(Boolean).length <= 1
}
