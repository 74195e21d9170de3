/**
 * The settings of outputs: where alerts and the agent's health go. `ship` itself describes one output,
 * named `main`; `ship.outputs` has more, each with the same settings under a name of its own.
 */
import * as z from 'zod'
import {
  plainUrl,
  type Rule,
  TLS_RULES,
  tlsSettings,
  URL_EXPECTED,
  withRules,
} from './schema-endpoint.ts'
import { choice, count, duration, flag, path, size } from './setting.ts'

const STREAM_EXPECTED = 'must be a data stream name in lower case'

const dataStream = (initial: string, reason: string) =>
  z
    .string(STREAM_EXPECTED)
    .regex(/^[a-z0-9][a-z0-9._-]{0,199}$/, STREAM_EXPECTED)
    .default(initial)
    .meta({ description: reason, kind: 'name' })

const outputSettings = {
  url: z
    .union([plainUrl, z.array(plainUrl).min(1, URL_EXPECTED).max(16, URL_EXPECTED)], URL_EXPECTED)
    .optional()
    .meta({
      description:
        'Where alerts are sent; several hosts of one cluster as a list. Without it they stay in the local database',
      kind: 'URL or list of URLs',
      range: 'at most 16',
    }),
  path: path(
    'A file that alerts are written to as lines of JSON, for shippers that tail; instead of url',
  ),
  format: choice(
    ['elasticsearch', 'ndjson'],
    'elasticsearch',
    'The _bulk interface of Elasticsearch and OpenSearch, or lines of JSON for any HTTP receiver',
  ),
  dataStream: dataStream('logs-tidewatch.alert-default', 'Where Elasticsearch files the alerts'),
  healthDataStream: dataStream(
    'metrics-tidewatch.health-default',
    "Where Elasticsearch files the agent's health",
  ),
  health: flag(true, "Whether this output gets the agent's health too; a webhook may not want it"),
  apiKeyFile: path('File with an Elasticsearch API key; secrets never stand in this file'),
  basicAuthFile: path('File with user:password'),
  bearerFile: path('File with a bearer token'),
  headersFile: path('File with more HTTP headers, one a line; what a receiver wants as a secret'),
  method: choice(['POST', 'PUT'], 'POST', 'Of HTTP requests with lines of JSON'),
  compression: choice(
    ['gzip', 'zstd', 'none'],
    'gzip',
    'Of HTTP requests; zstd for receivers that know it, which Elasticsearch does not',
  ),
  ...tlsSettings,
  batchSize: count(
    200,
    { min: 1, max: 5_000, unit: 'alerts' },
    'Alerts in a request; an alert is below 2 KiB, so 200 stay below 400 KiB. At 1 it is plain JSON',
  ),
  timeout: duration('30s', ['1s', '10m'], 'A request without an answer for so long is tried again'),
  maxBackoff: duration(
    '5m',
    ['1s', '6h'],
    'Longest wait between tries while the endpoint is away; waits double up to it',
  ),
  maxSize: size('64MiB', ['1MiB', '4GiB'], 'Of the file at path; a full one is renamed to path.1'),
  maxFiles: count(5, { min: 1, max: 100, unit: 'files' }, 'Kept at path, with the one in use'),
}

const CREDENTIALS = ['apiKeyFile', 'basicAuthFile', 'bearerFile'] as const
const RULES: readonly Rule<OutputInput>[] = [
  [
    (it) => it.url === undefined || it.path === undefined,
    'url and path exclude each other: an output is an endpoint or a file; ship.outputs has room for more',
  ],
  [
    (it) => CREDENTIALS.filter((name) => it[name] !== undefined).length <= 1,
    'apiKeyFile, basicAuthFile and bearerFile exclude each other: set one',
  ],
  ...TLS_RULES,
  [
    (it) => it.format === 'ndjson' || it.path !== undefined || it.compression !== 'zstd',
    'compression: zstd is for format ndjson; Elasticsearch takes gzip',
  ],
  [
    (it) => it.format === 'ndjson' || it.path !== undefined || it.method === 'POST',
    'method: PUT is for format ndjson',
  ],
]

type OutputInput = z.output<z.ZodObject<typeof outputSettings>>

const output = withRules(z.strictObject(outputSettings), RULES).refine(
  (it) => it.url !== undefined || it.path !== undefined,
  { error: 'needs a url or a path: where to' },
)

const NAME_EXPECTED =
  'must be named in lower case: a letter, then letters, digits, - or _, 32 characters at most'

export const ship = withRules(
  z.strictObject({
    ...outputSettings,
    healthInterval: duration(
      '5m',
      ['10s', '1d'],
      "Between two reports of the agent's health to each output; a silent agent is missed centrally",
    ),
    outputs: z
      .record(z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/), output, {
        error: ({ code }) => (code === 'invalid_key' ? NAME_EXPECTED : undefined),
      })
      .default({})
      .meta({
        description: 'More outputs by their names, each with the settings of ship that are above',
        kind: 'outputs by name',
        range: 'at most 16',
      }),
  }),
  RULES,
)
  .refine((it) => Object.keys(it.outputs).length <= 16, { error: 'outputs: at most 16' })
  .refine((it) => it.outputs['main'] === undefined || (it.url ?? it.path) === undefined, {
    error: 'outputs.main: that is the output which url or path of ship describe; name it otherwise',
  })
  .prefault({})
