/** Made-up audit records, as auditd's dispatcher writes them. */

export const head = (atMs: number, serial: number): string =>
  `msg=audit(${Math.floor(atMs / 1000)}.${String(atMs % 1000).padStart(3, '0')}:${serial}):`

/** A connection to 192.0.2.7:53: three records. */
export const connectLines = (atMs: number, serial: number, pid = 8): string[] => [
  `type=SYSCALL ${head(atMs, serial)} arch=c000003e syscall=42 success=yes exit=0 a0=3 ppid=7 pid=${pid} auid=4294967295 uid=0 euid=0 comm="nc" exe="/usr/bin/nc"`,
  `type=SOCKADDR ${head(atMs, serial)} saddr=02000035C00002070000000000000000`,
  `type=PROCTITLE ${head(atMs, serial)} proctitle="nc"`,
]

/** A program that starts: three records. */
export const execLines = (atMs: number, serial: number): string[] => [
  `type=SYSCALL ${head(atMs, serial)} arch=c000003e syscall=59 success=yes exit=0 a0=3 ppid=7 pid=9 auid=1000 uid=0 euid=0 comm="nc" exe="/usr/bin/nc"`,
  `type=EXECVE ${head(atMs, serial)} argc=1 a0="nc"`,
  `type=PROCTITLE ${head(atMs, serial)} proctitle="nc"`,
]

/** A record of auditd itself, which has serials of its own. */
export const daemonLine = (type: string, atMs: number): string =>
  `type=${type} ${head(atMs, 4711)} op=x`
