/**
 * The secrets of an output, each from a file of its own: read anew for each request, so that they may
 * be renewed while the agent runs, and never part of a message.
 */
import { readFileSync } from 'node:fs'
import { AgentError, codeOf } from '../../platform/errors.ts'

export interface CredentialFiles {
  /** Holds an Elasticsearch API key: as given out (base64), or `id:key`. */
  readonly apiKeyFile?: string | undefined
  /** Holds `user:password`. */
  readonly basicAuthFile?: string | undefined
  readonly bearerFile?: string | undefined
  /** Holds a header a line, `Name: value`; empty lines and lines with `#` first are passed over. */
  readonly headersFile?: string | undefined
}

/** A header's name and value as RFC 9110 allows them: no line break gets through. */
const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/

/**
 * The headers that the files give, names in lower case.
 * @throws {AgentError} `ERR_ENDPOINT` when a file cannot be read or is none of headers
 */
export function credentialHeaders(files: CredentialFiles): Record<string, string> {
  const { headersFile } = files
  return {
    ...(headersFile === undefined ? {} : headersIn(headersFile, secretOf(headersFile))),
    ...authorizationOf(files),
  }
}

function authorizationOf(files: CredentialFiles): { authorization?: string } {
  const { apiKeyFile, basicAuthFile, bearerFile } = files
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  if (apiKeyFile !== undefined) {
    const key = secretOf(apiKeyFile)
    return { authorization: `ApiKey ${key.includes(':') ? base64(key) : key}` }
  }
  if (basicAuthFile !== undefined) {
    return { authorization: `Basic ${base64(secretOf(basicAuthFile))}` }
  }
  if (bearerFile !== undefined) return { authorization: `Bearer ${secretOf(bearerFile)}` }
  return {}
}

function headersIn(file: string, text: string): Record<string, string> {
  const headers: Record<string, string> = {}
  text.split(/\r?\n/).forEach((line, i) => {
    if (line.trim() === '' || line.startsWith('#')) return
    const [, name, value = ''] = HEADER.exec(line) ?? []
    if (name === undefined) {
      throw new AgentError('ERR_ENDPOINT', `${file}:${i + 1}: is no header`, {
        remedy: 'write one a line: Name: value',
      })
    }
    headers[name.toLowerCase()] = value
  })
  return headers
}

/** @throws {AgentError} `ERR_ENDPOINT` when it cannot be read */
export function secretOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new AgentError(
      'ERR_ENDPOINT',
      `${file}: cannot be read (${codeOf(error) ?? 'unknown'})`,
      { cause: error, remedy: 'check the path, and that the agent may read it' },
    )
  }
}
