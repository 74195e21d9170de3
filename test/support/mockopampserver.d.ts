/** `@elastic/mockopampserver` has no types of its own. */
declare module '@elastic/mockopampserver' {
  export class MockOpAMPServer {
    constructor(options: object)
    readonly endpoint: string
    readonly _server: import('node:http').Server
    start(): Promise<void>
    close(): Promise<void>
    setAgentConfigMap(map: object): void
    testGetRequests(): readonly import('./opamp-server.ts').OpampRequest[]
  }
}
