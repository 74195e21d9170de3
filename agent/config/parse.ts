/**
 * Reads the text of a configuration file: YAML, then the schema. Pure and total: what is wrong comes
 * back as lines for a person, each with the place in the file, all of them at once.
 */
import { isNode, LineCounter, parseDocument } from 'yaml'
import type * as z from 'zod'
import { messageOf } from '../../platform/errors.ts'
import { type Config, toConfig } from './config.ts'
import { nearest } from './nearest.ts'
import { keysAt, settings } from './reference.ts'
import { schema } from './schema.ts'

/** Bytes and levels no honest file has; they bound the work of reading a hostile one. */
const MAX_TEXT_LENGTH = 1024 * 1024
const MAX_DEPTH = 16
/** More would scroll the first one away. */
const MAX_PROBLEMS = 20
/** Characters; the YAML reader repeats a tag or alias in full. */
const MAX_MESSAGE = 200
/** Characters of a wrong value that are quoted. */
const MAX_QUOTE = 60

/** One thing wrong, as a line: `detect.minScore: must be a number from 0 to 1, is 7`. */
export interface Problem {
  /** From 1; `undefined` where it is about the whole file. */
  readonly line?: number
  readonly column?: number
  readonly message: string
}

/** One setting as it now is. */
export interface EffectiveSetting {
  readonly path: string
  /** As it is or would be written; `undefined` where it is not set. */
  readonly value?: unknown
  readonly from: Origin
}

/** Two allowlists add up; what is locked here stays as it was, whatever the fleet says. */
export type Origin =
  | 'default'
  | 'file'
  | 'fleet'
  | 'file + fleet'
  | 'default, locked'
  | 'file, locked'

export type ParsedConfig =
  | {
      readonly ok: true
      readonly config: Config
      readonly effective: readonly EffectiveSetting[]
    }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** @param text of a YAML file; empty gives all defaults */
export function parseConfig(text: string): ParsedConfig {
  const read = readValues(text)
  if (!read.ok) return failed(read.problems)
  const { values: raw, placeOf } = read
  const result = schema.safeParse(raw ?? {})
  if (!result.success) return failed(result.error.issues.flatMap((issue) => problemsOf(issue)))
  const locks = unknownLocks(result.data.locked)
  if (locks.length > 0) {
    return failed(locks.map((message) => ({ ...placeOf(['locked']), message })))
  }
  return { ok: true, config: toConfig(result.data), effective: effectiveOf(raw) }

  function problemsOf(issue: z.core.$ZodIssue): Problem[] {
    if (issue.code === 'unrecognized_keys') {
      const known = keysAt(issue.path)
      return issue.keys.map((key) => {
        const path = [...issue.path, key]
        const meant = nearest(key, known)
        const where = [...issue.path, meant].join('.')
        const hint =
          meant === undefined
            ? `known here: ${known.join(', ') || 'nothing'}`
            : `did you mean ${where}?`
        return { ...placeOf(path), message: `${path.join('.')}: unknown key; ${hint}` }
      })
    }
    const value = valueAt(raw, issue.path)
    const name = issue.path.length === 0 ? 'the file' : nameOf(issue.path)
    const isGroup = issue.code === 'invalid_type' && issue.expected === 'object'
    const message = isGroup ? 'must be a group of settings' : issue.message
    // A key or password that was put where a path belongs must not go into a log.
    const maySecret = issue.path[0] === 'ship' || issue.path[0] === 'fleet'
    const isQuoted = issue.path.length > 0 && typeof value !== 'object' && !maySecret
    return [
      {
        ...placeOf(issue.path),
        message: `${name}: ${message}${isQuoted ? `, is ${quoted(value)}` : ''}`,
      },
    ]
  }
}

type Place = Pick<Problem, 'line' | 'column'>

/** The values of a YAML text, before the schema has looked at them. */
export type ReadValues =
  | {
      readonly ok: true
      readonly values: unknown
      /** Where the value stands at `path`; of an unknown key, where its group has it. */
      readonly placeOf: (path: readonly PropertyKey[]) => Place
    }
  | { readonly ok: false; readonly problems: readonly Problem[] }

export function readValues(text: string): ReadValues {
  const bad = (...problems: readonly Problem[]): ReadValues => ({ ok: false, problems })
  if (text.length > MAX_TEXT_LENGTH) return bad({ message: 'is longer than 1 MiB' })
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false, logLevel: 'silent' })
  const place = (offset: number): Place => {
    const { line, col } = lineCounter.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const faults = [...document.errors, ...document.warnings]
  if (faults.length > 0) {
    return bad(
      ...faults.map(({ message, pos }) => ({ ...place(pos[0]), message: oneLine(message) })),
    )
  }
  try {
    const values = withoutNulls(document.toJS({ maxAliasCount: 16 }), 0)
    const placeOf = (path: readonly PropertyKey[]): Place => {
      const node = path.length === 0 ? document.contents : document.getIn(path, true)
      return isNode(node) && node.range ? place(node.range[0]) : {}
    }
    return { ok: true, values, placeOf }
  } catch (error) {
    return bad({ message: oneLine(messageOf(error)) })
  }
}

/** A lock with a typing error would lock nothing, in silence. */
const unknownLocks = (locks: readonly string[]): readonly string[] =>
  locks
    .filter((lock) => !settings().some(({ path }) => path === lock || path.startsWith(`${lock}.`)))
    .map((lock) => `locked: ${quoted(lock)} is no setting and no group of settings`)

/** Problems as they are printed, one a line; the file's name comes first. */
export const problemLines = (file: string, problems: readonly Problem[]): readonly string[] =>
  problems.map(({ line, column, message }) =>
    line === undefined ? `${file}: ${message}` : `${file}:${line}:${column}: ${message}`,
  )

function failed(problems: readonly Problem[]): ParsedConfig {
  const distinct = new Map(problems.map((problem) => [problem.message, problem]))
  const shown = [...distinct.values()].toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0))
  return { ok: false, problems: shown.slice(0, MAX_PROBLEMS) }
}

/** A key with nothing behind it is not set: `detect:` above commented lines is no mistake. */
function withoutNulls(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new Error(`is nested deeper than ${MAX_DEPTH} levels`)
  if (value === null) return undefined
  if (Array.isArray(value)) return value.map((entry) => entry ?? '')
  if (typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withoutNulls(inner, depth + 1)]),
  )
}

function effectiveOf(raw: unknown): readonly EffectiveSetting[] {
  return settings().map(({ path, initial }) => {
    const written = valueAt(raw, path.split('.'))
    const value = written ?? initial
    const from = written === undefined ? 'default' : 'file'
    return value === undefined ? { path, from } : { path, value, from }
  })
}

/** `undefined` where nothing stands there. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined
    at = (at as Record<PropertyKey, unknown>)[key]
  }
  return at
}

/** `detect.scriptPathRegex[0]` */
const nameOf = (path: readonly PropertyKey[]): string =>
  path
    .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${String(key)}`))
    .join('')

function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > MAX_QUOTE ? `${text.slice(0, MAX_QUOTE)}…` : text
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > MAX_MESSAGE ? `${line.slice(0, MAX_MESSAGE)}…` : line
}
