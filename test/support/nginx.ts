/**
 * A real nginx with mutual TLS in front of a receiver, for live tests: who has no certificate of the
 * authority gets nginx's own 400, what is too large its 413, and where the receiver is away its 502.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Authority } from './certificates.ts'
import { stop } from './net-hosts.ts'
import { until } from './until.ts'

export interface NginxOptions {
  readonly folder: string
  readonly authority: Authority
  /** Address and port to listen on. */
  readonly listen: string
  /** Names in its certificate, as in `IP:127.0.0.1`. */
  readonly names: string
  /** Where requests go, e.g. `http://127.0.0.1:8080`. */
  readonly upstream: string
  readonly maxBody?: string
  /** How it is started; in a network namespace by `ip netns exec`. */
  readonly start?: (command: readonly string[]) => ChildProcess
}

export interface Nginx {
  /** One line a request: status, who by the certificate, protocol, path. */
  log(): readonly string[]
  close(): Promise<void>
}

export async function startNginx(options: NginxOptions): Promise<Nginx> {
  const { folder, authority, listen, names, upstream, maxBody = '1m' } = options
  mkdirSync(join(folder, 'temp'), { recursive: true })
  const server = authority.sign('nginx', names)
  const log = join(folder, 'access.log')
  const conf = join(folder, 'nginx.conf')
  writeFileSync(
    conf,
    `
daemon off;
master_process off;
pid ${join(folder, 'nginx.pid')};
error_log ${join(folder, 'error.log')};
events { worker_connections 64; }
http {
  log_format who '$status|$ssl_client_s_dn|$ssl_protocol|$request_uri';
  access_log ${log} who;
  client_body_temp_path ${join(folder, 'temp')};
  proxy_temp_path ${join(folder, 'temp')};
  fastcgi_temp_path ${join(folder, 'temp')};
  uwsgi_temp_path ${join(folder, 'temp')};
  scgi_temp_path ${join(folder, 'temp')};
  server {
    listen ${listen} ssl;
    ssl_certificate ${server.certFile};
    ssl_certificate_key ${server.keyFile};
    ssl_client_certificate ${authority.caFile};
    ssl_verify_client on;
    ssl_protocols TLSv1.2 TLSv1.3;
    client_max_body_size ${maxBody};
    location /limited {
      add_header Retry-After 1 always;
      return 429;
    }
    location / {
      proxy_pass ${upstream};
      proxy_set_header X-Client $ssl_client_s_dn;
    }
  }
}
`,
  )
  const command = ['nginx', '-p', folder, '-c', conf, '-e', join(folder, 'error.log')]
  const start = options.start ?? (([program = '', ...args]) => spawn(program, args))
  const child = start(command)
  const read = (file: string) => {
    try {
      return readFileSync(file, 'utf8')
    } catch {
      return ''
    }
  }
  await until('nginx has started', () => read(join(folder, 'nginx.pid')).trim() !== '')
  return {
    log: () => read(log).split('\n').filter(Boolean),
    close: () => stop(child),
  }
}
