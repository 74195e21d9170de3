/** `agent fleet`: makes the key that a fleet's configuration is signed with, signs it, and checks it. */

import { readFileSync, writeFileSync } from 'node:fs'
import { Command, InvalidArgumentError } from 'commander'
import { AgentError, codeOf, faultOf } from '../../platform/errors.ts'
import type { Parsed } from '../../platform/parsed.ts'
import { parseDuration } from '../config/quantity.ts'
import type { Target } from '../fleet/bundle.ts'
import {
  keyId,
  newKeyPair,
  readPrivateKey,
  readPublicKey,
  signedEnvelope,
} from '../fleet/envelope.ts'
import { type CommandContext, examples, printJson, printLines } from './context.ts'

interface SignOptions {
  readonly key: string
  readonly bundleVersion: number
  readonly expires: number
  readonly host?: readonly string[]
  readonly label?: readonly string[]
  readonly os?: readonly string[]
  readonly percent?: number
}

export function fleetCommand(context: CommandContext): Command {
  const command = new Command('fleet')
    .description('make, sign and check the configuration of a fleet')
    .addHelpText(
      'after',
      examples(
        'agent fleet keygen fleet.key       prints the key to pin',
        'agent fleet sign --key fleet.key --bundle-version 7 allow.yml > 7.json',
        'agent fleet sign --key fleet.key --bundle-version 8 --percent 10 --label env=prod new.yml > 8.json',
        'agent fleet verify --public-key BASE64 7.json',
      ),
    )
  command
    .command('keygen')
    .description('a new ed25519 key: the private one in a file, the public one on the screen')
    .argument('<file>', 'where the private key is written; it must not be there yet')
    .addHelpText('after', examples('agent fleet keygen fleet.key'))
    .action((file: string) => keygen(context, file))
  command
    .command('sign')
    .description('checks a configuration and signs it, one line of JSON on the output')
    .argument('<config>', 'the settings to push, YAML')
    .requiredOption('--key <file>', 'the private key, as keygen writes it')
    .requiredOption(
      '--bundle-version <number>',
      'grows with each change; hosts refuse a lower one',
      whole,
    )
    .option('--expires <duration>', 'hosts take it for so long', lifetime, 30 * 86_400_000)
    .option('--host <glob>', 'only hosts of such a name; may be repeated', more)
    .option(
      '--label <name=value>',
      'only hosts with this under local.labels; may be repeated',
      more,
    )
    .option('--os <name>', 'only linux, windows or macos; may be repeated', more)
    .option('--percent <number>', 'only so many percent of the hosts, always the same ones', Number)
    .addHelpText(
      'after',
      examples(
        'agent fleet sign --key fleet.key --bundle-version 7 allow.yml > 7.json',
        'agent fleet sign --key fleet.key --bundle-version 8 --percent 10 new.yml > 8.json',
      ),
    )
    .action((file: string, options: SignOptions) => sign(context, file, options))
  command
    .command('verify')
    .description('what a signed file says, and whether the key has signed it: exit code 0 or 70')
    .argument('<file>', 'one bundle a line')
    .requiredOption('--public-key <base64>', 'as it is pinned in fleet.publicKeys')
    .option('--json', 'for programs')
    .addHelpText('after', examples('agent fleet verify --public-key BASE64 7.json'))
    .action((file: string, options: { publicKey: string; json?: boolean }) =>
      verify(context, file, options),
    )
  return command
}

function keygen(context: CommandContext, file: string): void {
  const { privatePem, publicText } = newKeyPair()
  try {
    writeFileSync(file, privatePem, { mode: 0o600, flag: 'wx' })
  } catch (cause) {
    const why = codeOf(cause) === 'EEXIST' ? 'is there already' : faultOf(cause)
    throw new AgentError('ERR_FLEET', `${file}: ${why}`, { cause, remedy: 'name another file' })
  }
  printLines(context, [
    `private key: ${file}; keep it where configuration is signed, and nowhere else`,
    'pin the public one on each host:',
    '',
    'fleet:',
    `  publicKeys: [${publicText}]`,
  ])
}

async function sign(context: CommandContext, file: string, options: SignOptions): Promise<void> {
  const { layered } = await import('../config/layers.ts')
  const { ConfigError } = await import('../config/load.ts')
  const { problemLines } = await import('../config/parse.ts')
  const { readBundle } = await import('../fleet/bundle.ts')
  const config = textOf(file)
  // What no host would take is not signed. A host's own file may still lock some of it.
  const checked = layered('', { text: config, isSigned: true })
  if (!checked.ok) throw new ConfigError(problemLines(file, checked.problems))
  const key = good(options.key, readPrivateKey(textOf(options.key)))
  const { host: hosts, label: labels, os, percent, bundleVersion: version } = options
  const given = Object.entries({ hosts, labels, os, percent }).filter(([, it]) => it !== undefined)
  const expires = new Date(context.clock.now() + options.expires).toISOString()
  const target = Object.fromEntries(given) as Target
  const bundle = { version, expires, ...(given.length > 0 && { target }), config }
  const payload = JSON.stringify(bundle)
  good('the options', readBundle(Buffer.from(payload)))
  context.output.write(`${signedEnvelope(payload, key)}\n`)
}

async function verify(
  context: CommandContext,
  file: string,
  { publicKey, json }: { readonly publicKey: string; readonly json?: boolean },
): Promise<void> {
  const { judgeKept } = await import('../fleet/offer.ts')
  const key = good('--public-key', readPublicKey(publicKey))
  const lines = textOf(file)
    .split('\n')
    .filter((line) => line.trim() !== '')
  const bundles = lines.map((line) => {
    const { version, expires, target, config } = good(file, judgeKept(line, [key]))
    return { version, expires, ...(target && { target }), config }
  })
  if (bundles.length === 0) throw new AgentError('ERR_FLEET', `${file}: is empty`)
  if (json) printJson(context, bundles)
  else
    for (const { version, expires, target, config } of bundles) {
      printLines(context, [
        `version ${version}, signed by ${keyId(key)}, to be taken until ${expires}`,
        `for ${target === undefined ? 'all hosts' : JSON.stringify(target)}`,
        '',
        ...config.trimEnd().split('\n'),
      ])
    }
}

/** @throws {AgentError} `ERR_FLEET` that names the thing */
function good<T>(what: string, read: Parsed<T>): T {
  if (read.ok) return read.value
  throw new AgentError('ERR_FLEET', `${what}: ${read.reason}`)
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new AgentError('ERR_FLEET', `${file}: ${faultOf(cause)}`, { cause })
  }
}

const more = (text: string, before: readonly string[] = []): readonly string[] => [...before, text]

function whole(text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number > 0) return number
  throw new InvalidArgumentError('must be a whole number from 1')
}

function lifetime(text: string): number {
  const ms = parseDuration(text)
  if (ms !== undefined && ms > 0) return ms
  throw new InvalidArgumentError('must be a duration, such as 12h or 30d')
}
