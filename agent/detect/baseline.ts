/**
 * Programs by path glob: the owner's baseline of parents, and the patterns that raise risk. Pure.
 *
 * `*` is any part of one folder or file name, `**` any number of folders, `?` one character. A
 * pattern without a slash is a file name in any folder. `\` and `/` are the same, and case does not
 * matter, where the path is a Windows one; elsewhere case matters, since `/usr/bin/X` is not `x`.
 */
import { AgentError } from '../../platform/errors.ts'
import type { CodeSignature } from '../../platform/event.ts'
import type { Transfer } from '../correlate/transfer.ts'

/** The pattern that a path matches, as its author wrote it; `undefined` for none. */
export type PathMatcher = (path: string) => string | undefined

/** @throws {AgentError} `ERR_PATTERN_INVALID` for an empty pattern, which would match nothing */
export function compilePaths(patterns: readonly string[]): PathMatcher {
  const compiled = patterns.map((pattern) => {
    if (pattern.trim() === '') {
      throw new AgentError('ERR_PATTERN_INVALID', 'a path pattern is empty', {
        remedy: 'remove it, or write a path such as /opt/backup/*',
      })
    }
    const source = globSource(pattern.trim().replaceAll('\\', '/'))
    return { pattern, exact: new RegExp(source, 's'), windows: new RegExp(source, 'is') }
  })
  return (path) => {
    const isWindows = WINDOWS_PATH.test(path)
    const plain = isWindows ? path.replaceAll('\\', '/') : path
    return compiled.find(({ exact, windows }) => (isWindows ? windows : exact).test(plain))?.pattern
  }
}

const WINDOWS_PATH = /^(?:[a-z]:|\\\\)/i

/** A regular expression that is linear in the path: no group repeats within another. */
function globSource(glob: string): string {
  const body = glob.replace(/\*\*\/|\*+|\?|[^*?]+/g, (part) => {
    if (part === '**/') return '(?:.*/)?'
    if (part === '*') return '[^/]*'
    if (part.startsWith('*')) return '.*'
    return part === '?' ? '[^/]' : part.replace(/[\\^$.|+()[\]{}]/g, '\\$&')
  })
  return glob.includes('/') ? `^${body}$` : `(?:^|/)${body}$`
}

/** A program, by its path or by who signed it. */
export type ProgramMatcher = (program: {
  readonly path?: string | undefined
  readonly codeSignature?: CodeSignature | undefined
}) => string | undefined

const SIGNED = /^signed:([^/]+)(?:\/(.+))?$/
/** Stands for Apple's own system, which has no team. */
const APPLE = 'apple'

/**
 * Path globs, and on macOS signatures: `signed:TEAMID`, `signed:TEAMID/com.example.*`,
 * `signed:apple/com.apple.bird`. An identifier alone proves nothing: anyone may sign with any.
 * @throws {AgentError} `ERR_PATTERN_INVALID`
 */
export function compileBaseline(patterns: readonly string[]): ProgramMatcher {
  const paths = compilePaths(patterns.filter((pattern) => !SIGNED.test(pattern)))
  const signatures = patterns.flatMap((pattern) => {
    const [, team, id] = SIGNED.exec(pattern) ?? []
    if (team === undefined) return []
    if (team === APPLE && id === undefined) {
      throw new AgentError(
        'ERR_PATTERN_INVALID',
        `${pattern} is every script: shells are Apple's`,
        {
          remedy: 'name an identifier, such as signed:apple/com.apple.bird',
        },
      )
    }
    return [{ pattern, team, isId: id === undefined ? undefined : compilePaths([id]) }]
  })
  return ({ path, codeSignature }) => {
    const byPath = path === undefined ? undefined : paths(path)
    if (byPath !== undefined || codeSignature === undefined) return byPath
    const { id, teamId, isPlatform } = codeSignature
    const team = isPlatform ? APPLE : teamId
    const isSame = (want: (typeof signatures)[0]): boolean =>
      want.team === team && (want.isId === undefined || (id !== undefined && !!want.isId(id)))
    return signatures.find(isSame)?.pattern
  }
}

/** The program of the lineage, or the actor, that the owner's baseline knows. */
export function baselineMatch(
  matcher: ProgramMatcher,
  transfer: Pick<Transfer, 'lineage' | 'actor'> | undefined,
  actor: string | undefined,
): { readonly program: string; readonly pattern: string } | undefined {
  const programs = [
    ...(transfer?.lineage ?? []).map(({ executable, name, codeSignature }) => {
      return { path: executable ?? name, codeSignature }
    }),
    { path: transfer?.actor ?? actor },
  ]
  for (const program of programs) {
    const pattern = matcher(program)
    if (pattern !== undefined) return { program: program.path ?? pattern, pattern }
  }
  return undefined
}
