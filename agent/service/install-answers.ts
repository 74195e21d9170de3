/**
 * What an administrator gave the Windows installer (`msiexec ... SHIP_URL=...`), made part of the
 * configuration. The installer writes a file of answers, `install.ini`, into the closed folder of the
 * configuration; the service takes them over when it starts: settings into `agent.yml`, whose other
 * lines and comments stay, secrets into files of their own. Then the answers are gone.
 *
 * An installer's own program would have had the secrets on its command line, which Windows can log.
 */
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseDocument } from 'yaml'
import { AgentError, codeOf } from '../../platform/errors.ts'

export const ANSWERS_FILE = 'install.ini'

interface Destination {
  /** In the configuration. */
  readonly setting: readonly [string, ...string[]]
  /** A secret goes into this file, and the setting names it. */
  readonly file?: string
  /** Several values, with commas between. */
  readonly isList?: true
}

/** The installer's public properties, as packaging/windows has them. */
export const ANSWERS: Readonly<Record<string, Destination>> = {
  SHIP_URL: { setting: ['ship', 'url'] },
  SHIP_API_KEY: { setting: ['ship', 'apiKeyFile'], file: 'ship-api-key' },
  SHIP_API_KEY_FILE: { setting: ['ship', 'apiKeyFile'] },
  FLEET_URL: { setting: ['fleet', 'url'] },
  FLEET_TOKEN: { setting: ['fleet', 'bearerFile'], file: 'fleet-token' },
  FLEET_TOKEN_FILE: { setting: ['fleet', 'bearerFile'] },
  FLEET_PUBLIC_KEY: { setting: ['fleet', 'publicKeys'], isList: true },
  LABELS: { setting: ['local', 'labels'], isList: true },
}

/**
 * Takes over what the installer left, if anything. Done twice it is the same as once: the answers are
 * removed last.
 * @throws {AgentError} `ERR_CONFIG` where the file that they belong into is not YAML
 */
export async function adoptAnswers(configFile: string): Promise<void> {
  const folder = dirname(configFile)
  const path = join(folder, ANSWERS_FILE)
  const answers = parseAnswers(decode(await readIfThere(path)))
  if (answers.length > 0) {
    const text = (await readIfThere(configFile)).toString('utf8')
    for (const { file, value } of answers.map(destined)) {
      if (file !== undefined) await replace(join(folder, file), `${value}\n`)
    }
    await replace(configFile, withAnswers(text, answers, { configFile, folder }))
  }
  await rm(path, { force: true })
}

type Answer = readonly [name: string, value: string]

const destined = ([name, value]: Answer) => ({ ...(ANSWERS[name] as Destination), value })

/** Lines `NAME=value`; what is empty was not given, and sections are the installer's. */
export const parseAnswers = (text: string): readonly Answer[] =>
  text.split(/\r?\n/).flatMap((line): Answer[] => {
    const [, name = '', value = ''] = /^\s*([A-Z_]+)\s*=\s*(.*?)\s*$/.exec(line) ?? []
    return Object.hasOwn(ANSWERS, name) && value !== '' ? [[name, value]] : []
  })

function withAnswers(
  text: string,
  answers: readonly Answer[],
  { configFile, folder }: { configFile: string; folder: string },
): string {
  const document = parseDocument(text)
  if (document.errors.length > 0) {
    throw new AgentError('ERR_CONFIG', `${configFile}: is not YAML`, {
      remedy: 'mend it, then start the service: it takes over what the installer was given',
    })
  }
  for (const { setting, file, isList, value } of answers.map(destined)) {
    const told = file === undefined ? value : join(folder, file)
    document.setIn(setting, isList ? told.split(',').map((one) => one.trim()) : told)
  }
  return String(document)
}

/** Windows writes such a file in its code page, or in UTF-16 where it begins so. */
const decode = (bytes: Buffer): string =>
  bytes[0] === 0xff && bytes[1] === 0xfe ? bytes.toString('utf16le', 2) : bytes.toString('latin1')

async function readIfThere(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
}

/** All of it or nothing: a service that is killed meanwhile starts with one or the other. */
async function replace(path: string, text: string): Promise<void> {
  const unfinished = `${path}.new`
  await writeFile(unfinished, text, { mode: 0o600 })
  await rename(unfinished, path)
}
