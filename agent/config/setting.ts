/**
 * The kinds of settings: each carries its type, default, unit, range and reason in one place, from
 * which come the check at start, the JSON Schema, `agent config show` and the reference table.
 *
 * A duration or size is written with its unit (`15m`) and becomes `{ ms }` or `{ bytes }`, which
 * `config.ts` turns into a `...Ms` or `...Bytes` number.
 */
import ipaddr from 'ipaddr.js'
import * as z from 'zod'
import { patternProblem } from './pattern.ts'
import { DURATION, parseDuration, parseSize, SIZE } from './quantity.ts'

/** Entries of a list; each is looked at for every assessment. */
const MAX_ENTRIES = 1_000
const MAX_TEXT = 4_096

/** The message of every issue of a setting: what it must be. */
const must = (be: string): { error: () => string } => ({ error: () => `must be ${be}` })

export const flag = (initial: boolean, reason: string) =>
  z.boolean(must('true or false')).default(initial).meta({ description: reason, kind: 'flag' })

interface NumberRange {
  readonly min: number
  readonly max: number
  readonly unit: string
}

/** A whole number. */
export function count(initial: number, { min, max, unit }: NumberRange, reason: string) {
  const be = must(`a whole number from ${min} to ${max}`)
  return z
    .int(be)
    .min(min, be)
    .max(max, be)
    .default(initial)
    .meta({ description: reason, kind: 'count', unit, range: `${min} to ${max}` })
}

/** A number that may have a fraction. */
export function real(initial: number, { min, max, unit }: NumberRange, reason: string) {
  const be = must(`a number from ${min} to ${max}`)
  return z
    .number(be)
    .min(min, be)
    .max(max, be)
    .default(initial)
    .meta({ description: reason, kind: 'number', unit, range: `${min} to ${max}` })
}

export interface Duration {
  readonly ms: number
}

export interface Size {
  readonly bytes: number
}

/** Written in the form of `quantity.ts`, ends included. */
export type TextRange = readonly [from: string, to: string]

export function duration(initial: string, [from, to]: TextRange, reason: string) {
  const message = `must be a duration from ${from} to ${to}, such as 90s, 15m, 6h or 30d`
  const [min = 0, max = 0] = [parseDuration(from), parseDuration(to)]
  return z
    .string(message)
    .regex(DURATION, { error: message, abort: true })
    .transform((text, context): Duration => {
      const ms = parseDuration(text)
      if (ms !== undefined && ms >= min && ms <= max) return { ms }
      context.issues.push({ code: 'custom', message, input: text })
      return z.NEVER
    })
    .prefault(initial)
    .meta({ description: reason, kind: 'duration', range: `${from} to ${to}` })
}

export function size(initial: string, [from, to]: TextRange, reason: string) {
  const message = `must be a size from ${from} to ${to}, such as 64KiB, 256MiB or 2GiB`
  const [min = 0, max = 0] = [parseSize(from), parseSize(to)]
  return z
    .string(message)
    .regex(SIZE, { error: message, abort: true })
    .transform((text, context): Size => {
      const bytes = parseSize(text)
      if (bytes !== undefined && bytes >= min && bytes <= max) return { bytes }
      context.issues.push({ code: 'custom', message, input: text })
      return z.NEVER
    })
    .prefault(initial)
    .meta({ description: reason, kind: 'size', range: `${from} to ${to}` })
}

const POLL: TextRange = ['100ms', '1h']

/** A source that is looked at from time to time. */
export const polled = (every: string, enabledReason: string, pollReason: string) =>
  z.strictObject({
    enabled: flag(true, enabledReason),
    poll: duration(every, POLL, pollReason),
  })

export const choice = <const Words extends readonly [string, ...string[]]>(
  words: Words,
  initial: Words[number],
  reason: string,
) =>
  z
    .enum(words, must(`one of ${words.join(', ')}`))
    // One of `words` by its type, which zod spells in another way.
    .default(() => initial as never)
    .meta({ description: reason, kind: 'choice', default: initial, range: words.join(', ') })

const absolutePath = z
  .string(must('an absolute path'))
  .max(MAX_TEXT, must('an absolute path'))
  .regex(/^(?:\/|[A-Za-z]:[\\/]|\\\\)[^\0]*$/, must('an absolute path'))

/** A file or folder; not set where left out. */
export const path = (reason: string) =>
  absolutePath.optional().meta({ description: reason, kind: 'path' })

export const pathOr = (initial: string, reason: string) =>
  absolutePath.default(initial).meta({ description: reason, kind: 'path' })

export const paths = (initial: readonly string[], reason: string) =>
  z
    .array(absolutePath, must('a list of absolute paths'))
    .max(32, must('a list of at most 32 paths'))
    .default([...initial])
    .meta({ description: reason, kind: 'list of paths', range: 'at most 32' })

const word = z
  .string(must('text'))
  .min(1, must('text that is not empty'))
  .max(MAX_TEXT, must(`text of at most ${MAX_TEXT} characters`))

/** A list of texts: names or globs, read by who uses them. */
export const words = (initial: readonly string[], kind: string, reason: string) =>
  z
    .array(word, must(`a list of ${kind}`))
    .max(MAX_ENTRIES, must(`a list of at most ${MAX_ENTRIES} ${kind}`))
    .default([...initial])
    .meta({ description: reason, kind: `list of ${kind}`, range: `at most ${MAX_ENTRIES}` })

/** A list of regular expressions that `pattern.ts` lets pass. */
export const patterns = (initial: readonly string[], reason: string) =>
  z
    .array(
      word.check((context) => {
        const problem = patternProblem(context.value)
        if (problem === undefined) return
        context.issues.push({ code: 'custom', message: problem, input: context.value })
      }),
      must('a list of regular expressions'),
    )
    .max(64, must('a list of at most 64 regular expressions'))
    .default([...initial])
    .meta({ description: reason, kind: 'list of regular expressions', range: 'at most 64' })

const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?'
/** A name as resolvers write it, or `*.` and a name. */
const DOMAIN = new RegExp(`^(?:\\*\\.)?(?:${LABEL}\\.)*${LABEL}\\.?$`, 'i')

/** Addresses, networks and domains. */
export const destinations = (reason: string) =>
  z
    .array(
      word.refine(isDestination, {
        error:
          'must be an IP address, a network such as 10.0.0.0/8, or a domain such as *.example.org',
      }),
      must('a list of IP addresses, networks and domains'),
    )
    .max(MAX_ENTRIES * 10, must(`a list of at most ${MAX_ENTRIES * 10} destinations`))
    .default([])
    .meta({
      description: reason,
      kind: 'list of addresses, networks and domains',
      range: `at most ${MAX_ENTRIES * 10}`,
    })

/** `1.2.3` and `10.0.0.0/40` look like a name, but are a slip of an address. */
function isDestination(text: string): boolean {
  if (text.includes('/')) return ipaddr.isValidCIDR(text)
  if (text.includes(':')) return ipaddr.isValid(text)
  if (/^[\d.]+$/.test(text)) return ipaddr.IPv4.isValidFourPartDecimal(text)
  return DOMAIN.test(text)
}
