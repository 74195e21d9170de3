/** Base of every error thrown on purpose. Match on `code`, never on the message. */
export class AgentError extends Error {
  readonly code: string
  /** What a person can do about it, one line. */
  readonly remedy: string | undefined

  constructor(
    code: string,
    message: string,
    options?: ErrorOptions & { readonly remedy?: string },
  ) {
    super(message, options)
    this.name = new.target.name
    this.code = code
    this.remedy = options?.remedy
  }
}

/** A collector lost its source, or never had it. The supervisor retries with backoff. */
export class SourceError extends AgentError {
  /**
   * @param what is wrong, one line that names the thing: "/run/audit/audispd_events: no such socket"
   * @param remedy what a person can do, one line
   */
  constructor(what: string, options?: ErrorOptions & { readonly remedy?: string }) {
    super('ERR_SOURCE_UNAVAILABLE', what, options)
  }
}

/** A sentence for a person from anything that was thrown. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

/** The `code` of a Node or agent error, where it has one. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined

const FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EISDIR: 'is a folder',
  ENOTDIR: 'a part of the path is no folder',
  ECONNREFUSED: 'nobody listens',
  EMFILE: 'too many open files',
  ENOSPC: 'no space left on the disk',
}

/** What is wrong with a file or socket, in words: "permission denied". */
export const faultOf = (error: unknown): string => {
  const code = codeOf(error)
  return code === undefined ? 'cannot be read' : (FAULTS[code] ?? code)
}
