/** The settings that every server the agent talks to has: where it is, and how the way there is secured. */
import * as z from 'zod'
import { path } from './setting.ts'

export const URL_EXPECTED =
  'must be an http:// or https:// URL without a user name or password in it'
const PIN_EXPECTED = 'must be sha256// and 44 characters of base64, as curl --pinnedpubkey takes it'

export const plainUrl = z
  .string(URL_EXPECTED)
  .max(2_048, URL_EXPECTED)
  .refine(isPlainUrl, URL_EXPECTED)

export const tlsSettings = {
  caFile: path(
    'File with the certificates to trust, PEM; those of Node and the system where not set',
  ),
  clientCertFile: path('File with the client certificate, PEM, for mutual TLS'),
  clientKeyFile: path('File with its key, PEM'),
  pinnedKeys: z
    .array(
      z.string(PIN_EXPECTED).regex(/^sha256\/\/[A-Za-z0-9+/]{43}=$/, PIN_EXPECTED),
      PIN_EXPECTED,
    )
    .max(8, 'must be at most 8 keys')
    .default([])
    .meta({
      description: 'Public keys that the server must have one of, beside a valid certificate',
      kind: 'list of key hashes',
      range: 'at most 8',
    }),
}

export interface TlsInput {
  readonly url?: string | readonly string[] | undefined
  readonly clientCertFile?: string | undefined
  readonly clientKeyFile?: string | undefined
  readonly pinnedKeys: readonly string[]
}

/** What must hold between settings of a group, and what is said where it does not. */
export type Rule<Input> = readonly [isKept: (it: Input) => boolean, error: string]

export const withRules = <Input, Shape extends z.ZodType<Input>>(
  shape: Shape,
  rules: readonly Rule<Input>[],
): Shape =>
  rules.reduce<Shape>((it, [isKept, error]) => it.refine(isKept, { error }) as Shape, shape)

/** What must hold between them, and what is said where it does not. */
export const TLS_RULES: readonly Rule<TlsInput>[] = [
  [
    (it) => (it.clientCertFile === undefined) === (it.clientKeyFile === undefined),
    'clientCertFile and clientKeyFile belong together: set both or neither',
  ],
  [
    (it) => !it.pinnedKeys.length || [it.url].flat().every((url) => url?.startsWith('https:')),
    'pinnedKeys need a url with https',
  ],
]

function isPlainUrl(text: string): boolean {
  const url = URL.parse(text)
  return (
    url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
  )
}
