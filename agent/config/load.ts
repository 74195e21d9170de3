/**
 * Reads the configuration file. A file that was named must be there; the default one may be absent,
 * and everything is then at its default.
 */
import { readFile, stat } from 'node:fs/promises'
import { AgentError, codeOf } from '../../platform/errors.ts'
import type { Config } from './config.ts'
import { type EffectiveSetting, parseConfig, problemLines } from './parse.ts'

/** No honest configuration is larger; guards against a device or a log given by mistake. */
const MAX_FILE_BYTES = 1024 * 1024

export interface ConfigFile {
  readonly path: string
  /** A person named it: then it must be there. */
  readonly isNamed: boolean
}

export interface LoadedConfig {
  readonly config: Config
  readonly effective: readonly EffectiveSetting[]
  /** Of the file; empty where there is none. */
  readonly text: string
  /** Where the values marked `file` come from; `undefined` where there is no file. */
  readonly file?: string
}

/** The configuration cannot be used. `message` has a line for each problem. */
export class ConfigError extends AgentError {
  constructor(lines: readonly string[], options?: ErrorOptions & { readonly remedy?: string }) {
    super('ERR_CONFIG', lines.join('\n'), options)
  }
}

/** @throws {ConfigError} when it cannot be read, or is wrong */
export async function loadConfig({ path, isNamed }: ConfigFile): Promise<LoadedConfig> {
  const read = await readText(path, isNamed)
  const text = read ?? ''
  const result = parseConfig(text)
  if (!result.ok) throw new ConfigError(problemLines(path, result.problems))
  const { config, effective } = result
  return { config, effective, text, ...(read !== undefined && { file: path }) }
}

async function readText(path: string, isNamed: boolean): Promise<string | undefined> {
  try {
    const { size } = await stat(path)
    if (size > MAX_FILE_BYTES) throw new ConfigError([`${path}: is larger than 1 MiB`])
    const bytes = await readFile(path)
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    if (cause instanceof AgentError) throw cause
    const code = codeOf(cause)
    if (code === 'ENOENT' && !isNamed) return undefined
    throw new ConfigError([`${path}: ${READ_PROBLEMS[code ?? ''] ?? code ?? 'cannot be read'}`], {
      cause,
    })
  }
}

const READ_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'is a folder',
  ENOTDIR: 'a part of the path is no folder',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'is not UTF-8 text',
}
