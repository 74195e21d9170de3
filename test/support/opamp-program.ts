/**
 * Elastic's OpAMP server as a program of its own, with mutual TLS, for live tests:
 * `node opamp-program.ts HOST PORT CA CERT KEY FOLDER`. Offers the text of FOLDER/offer while there is
 * one, and writes what each agent last told to FOLDER/agents.json.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RemoteConfigStatuses } from '@elastic/opamp-client-node/lib/generated/opamp_pb.js'
import { startOpampServer } from './opamp-server.ts'

/** What an agent told, by its instance id. */
export interface ToldAgent {
  readonly attributes: Readonly<Record<string, unknown>>
  readonly status?: string
  readonly message?: string
  readonly hasToken: boolean
  readonly messages: number
}

const LOOK_MS = 200
const [hostname = '', port = '', ca = '', cert = '', key = '', folder = ''] = process.argv.slice(2)
if (folder !== '') {
  const pem = (file: string): string => readFileSync(file, 'utf8')
  const server = await startOpampServer({
    ...{ hostname, port: Number(port), tls: { ca: pem(ca), cert: pem(cert), key: pem(key) } },
  })
  let offered = ''
  setInterval(() => {
    const offer = textOf(join(folder, 'offer'))
    if (offer !== '' && offer !== offered) server.push(offer)
    offered = offer
    const agents: Record<string, ToldAgent> = {}
    for (const { req, a2s } of server.requests()) {
      if (a2s === undefined) continue
      const id = Buffer.from(a2s.instanceUid).toString('hex')
      const { agentDescription: who, remoteConfigStatus: told } = a2s
      const before = agents[id]
      const all = [...(who?.identifyingAttributes ?? []), ...(who?.nonIdentifyingAttributes ?? [])]
      agents[id] = {
        attributes: {
          ...before?.attributes,
          ...Object.fromEntries(all.map((it) => [it.key, it.value?.value.value])),
        },
        ...(before?.status !== undefined && { status: before.status }),
        ...(before?.message !== undefined && { message: before.message }),
        ...(told && {
          status: RemoteConfigStatuses[told.status].replace(/^.*_/, ''),
          message: told.errorMessage,
        }),
        hasToken: req.headers['authorization'] === 'Bearer let-me-in',
        messages: (before?.messages ?? 0) + 1,
      }
    }
    const file = join(folder, 'agents.json')
    writeFileSync(`${file}.new`, JSON.stringify(agents))
    renameSync(`${file}.new`, file)
  }, LOOK_MS)
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
