/**
 * The settings of a fleet: from where configuration is pushed, whom it must be signed by, and what of
 * this host it never changes (`locked`, `local`).
 */
import * as z from 'zod'
import { isLabel, LABEL_EXPECTED } from './label.ts'
import { plainUrl, TLS_RULES, tlsSettings, withRules } from './schema-endpoint.ts'
import { choice, duration, path } from './setting.ts'

const KEY_EXPECTED =
  'must be an ed25519 public key: 44 characters of base64, as agent fleet keygen prints it'

const settings = z.strictObject({
  url: plainUrl.optional().meta({
    description: 'From where configuration is pushed; without it the file is all there is',
    kind: 'URL',
  }),
  protocol: choice(
    ['opamp', 'file'],
    'opamp',
    'OpAMP, as control planes of OpenTelemetry speak it, or a signed file on any web server',
  ),
  publicKeys: z
    .array(z.string(KEY_EXPECTED).regex(/^[A-Za-z0-9+/]{43}=$/, KEY_EXPECTED), KEY_EXPECTED)
    .max(4, 'must be a list of at most 4 keys')
    .default([])
    .meta({
      description:
        'Configuration must be signed by one of these; without, the fleet may set only detect',
      kind: 'list of public keys',
      range: 'at most 4',
    }),
  interval: duration(
    '1m',
    ['1s', '1d'],
    'Between heartbeats or looks at the file, a tenth more or less: a push arrives within it',
  ),
  timeout: duration('10s', ['1s', '5m'], 'A request without an answer for so long has failed'),
  trial: duration(
    '1m',
    ['1s', '1h'],
    'A pushed configuration with which the agent is not well for so long is rolled back',
  ),
  bearerFile: path('File with a bearer token'),
  ...tlsSettings,
})

export const fleet = withRules(settings, TLS_RULES).prefault({})

const LOCKS_EXPECTED = 'must be a list of settings or groups, such as detect.minScore or ship'

export const locked = z
  .array(z.string(LOCKS_EXPECTED).max(200, LOCKS_EXPECTED), LOCKS_EXPECTED)
  .max(200, 'must be a list of at most 200 settings')
  .default([])
  .meta({
    description: 'Settings or whole groups that the fleet does not change on this host',
    kind: 'list of settings',
    range: 'at most 200',
  })

export const local = z
  .strictObject({
    labels: z
      .array(z.string(LABEL_EXPECTED).refine(isLabel, LABEL_EXPECTED), LABEL_EXPECTED)
      .max(64, 'must be a list of at most 64 labels')
      .default([])
      .meta({
        description: 'What this host is (env=prod): a pushed configuration can be meant for some',
        kind: 'list of labels',
        range: 'at most 64',
      }),
  })
  .prefault({})
