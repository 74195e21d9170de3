/** Certificates for tests, made by openssl: an authority of its own, and what it signs. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface KeyPair {
  readonly certFile: string
  readonly keyFile: string
  /** As TLS servers take them. */
  readonly cert: Buffer
  readonly key: Buffer
}

export interface Authority {
  readonly caFile: string
  readonly ca: Buffer
  /** @param names as in `IP:127.0.0.1` or `DNS:localhost` */
  sign(name: string, names?: string, days?: number): KeyPair
}

/** @returns undefined where there is no openssl */
export function authority(folder: string, name = 'ca'): Authority | undefined {
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  const read = (file: string) => readFileSync(join(folder, file))
  const newKey = (file: string) => openssl('genpkey', '-algorithm', 'ed25519', '-out', file)
  try {
    newKey(`${name}.key`)
  } catch {
    return undefined
  }
  openssl(
    ...['req', '-x509', '-key', `${name}.key`, '-out', `${name}.pem`, '-days', '2'],
    ...['-subj', `/CN=${name}`, '-addext', 'basicConstraints=critical,CA:TRUE'],
  )
  return {
    caFile: join(folder, `${name}.pem`),
    ca: read(`${name}.pem`),
    sign(subject, names = 'IP:127.0.0.1', days = 2) {
      newKey(`${subject}.key`)
      openssl('req', '-new', '-key', `${subject}.key`, '-subj', `/CN=${subject}`, '-out', 'it.csr')
      writeFileSync(join(folder, 'it.ext'), `subjectAltName=${names}\n`)
      openssl(
        ...['x509', '-req', '-in', 'it.csr', '-CA', `${name}.pem`, '-CAkey', `${name}.key`],
        ...['-extfile', 'it.ext', '-days', String(days), '-out', `${subject}.pem`],
      )
      return {
        certFile: join(folder, `${subject}.pem`),
        keyFile: join(folder, `${subject}.key`),
        cert: read(`${subject}.pem`),
        key: read(`${subject}.key`),
      }
    },
  }
}
