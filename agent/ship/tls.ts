/**
 * How connections to an output are secured: the peer is always verified, whatever the environment
 * says, with TLS 1.2 at least. Trusted are the authorities of one file where it is given, else those
 * of Node and of the operating system, where companies put their own.
 *
 * A pin is the SHA-256 of the server's public key (SPKI), as `curl --pinnedpubkey` takes it. It is
 * demanded on top of a valid chain and name, of the server's own certificate.
 */
import { createHash, timingSafeEqual, X509Certificate } from 'node:crypto'
import { checkServerIdentity, getCACertificates, type PeerCertificate } from 'node:tls'
import { AgentError } from '../../platform/errors.ts'
import { secretOf } from './credentials.ts'

export interface TlsOptions {
  /** PEM; instead of the authorities that Node and the system trust. */
  readonly caFile?: string | undefined
  /** PEM, both or none. */
  readonly clientCertFile?: string | undefined
  readonly clientKeyFile?: string | undefined
  /** `sha256//` and base64; the key of the server must be one of them. */
  readonly pinnedKeys?: readonly string[] | undefined
}

/** @throws {AgentError} `ERR_ENDPOINT` when a file cannot be read */
export function tlsOptions(options: TlsOptions) {
  const { caFile, clientCertFile, clientKeyFile, pinnedKeys = [] } = options
  return {
    minVersion: 'TLSv1.2' as const,
    // Said, and not left to its default: NODE_TLS_REJECT_UNAUTHORIZED=0 would change that.
    rejectUnauthorized: true,
    ca: caFile === undefined ? trusted() : secretOf(caFile),
    ...(clientCertFile === undefined ? {} : { cert: secretOf(clientCertFile) }),
    ...(clientKeyFile === undefined ? {} : { key: secretOf(clientKeyFile) }),
    ...(pinnedKeys.length === 0
      ? {}
      : {
          checkServerIdentity: (host: string, certificate: PeerCertificate) =>
            checkServerIdentity(host, certificate) ?? pinProblem(host, certificate, pinnedKeys),
        }),
  }
}

/** Reading the system's takes 70 ms on Debian: once a process, and only where TLS is used. */
let authorities: string[] | undefined
function trusted(): string[] {
  authorities ??= [...new Set([...getCACertificates('default'), ...getCACertificates('system')])]
  return authorities
}

function pinProblem(
  host: string,
  { raw }: PeerCertificate,
  pinnedKeys: readonly string[],
): Error | undefined {
  const pin = pinOf(raw)
  if (pinnedKeys.some((one) => isSame(one, pin))) return undefined
  return new AgentError('ERR_ENDPOINT', `${host}: its public key ${pin} is not the pinned one`, {
    remedy: 'if the server has a new key, add it to pinnedKeys; if not, someone is in between',
  })
}

/** @param certificate DER */
export function pinOf(certificate: Buffer): string {
  const key = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' })
  return `sha256//${createHash('sha256').update(key).digest('base64')}`
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
