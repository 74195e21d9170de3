/** Elastic's OpAMP server for tests, with types for what is used of it. */
import { MockOpAMPServer } from '@elastic/mockopampserver'
import type { AgentToServer } from '@elastic/opamp-client-node/lib/generated/opamp_pb.js'

export interface OpampRequest {
  readonly req: { readonly headers: Readonly<Record<string, string>> }
  readonly a2s?: AgentToServer
}

export interface OpampServer {
  readonly url: string
  /** Offers these texts to each agent that has not answered them yet, each under a name of its own. */
  push(...texts: readonly string[]): void
  requests(): readonly OpampRequest[]
  close(): Promise<void>
}

interface Options {
  readonly hostname?: string
  readonly port?: number
  readonly badMode?: string
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string }
}

export async function startOpampServer(options: Options = {}): Promise<OpampServer> {
  const { hostname = '127.0.0.1', port = 0, badMode, tls } = options
  const server = new MockOpAMPServer({
    ...{ hostname, port, testMode: true, logLevel: 'fatal' },
    ...(badMode !== undefined && { badMode }),
    ...(tls !== undefined && { ...tls, requestCert: true }),
  })
  await server.start()
  return {
    url: server.endpoint,
    push: (...texts) => {
      const files = texts.map((text, i) => {
        return [String(i), { body: Buffer.from(text), contentType: 'text/yaml' }] as const
      })
      server.setAgentConfigMap({ configMap: Object.fromEntries(files) })
    },
    requests: () => server.testGetRequests(),
    async close() {
      // Its own close waits for clients that keep their connection.
      server._server.closeAllConnections()
      await server.close()
    },
  }
}
