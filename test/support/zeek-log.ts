/** Zeek logs made by hand for tests: a header and rows, of which only what matters must be given. */

const DEFAULTS = {
  ts: '1700000000.000000',
  uid: 'CAbc1',
  'id.orig_h': '10.0.0.5',
  'id.orig_p': '40000',
  'id.resp_h': '203.0.113.9',
  'id.resp_p': '443',
  proto: 'tcp',
  service: '-',
  duration: '1.5',
  orig_bytes: '100',
  resp_bytes: '200',
  conn_state: 'SF',
  local_orig: '-',
  local_resp: '-',
  orig_pkts: '5',
  orig_ip_bytes: '400',
}

export type ConnRow = Partial<Record<keyof typeof DEFAULTS, string>>

export const CONN_COLUMNS = Object.keys(DEFAULTS)

/** A conn.log with its header, each line ended. */
export const connLog = (rows: readonly ConnRow[]): string =>
  [
    '#separator \\x09',
    '#set_separator\t,',
    '#empty_field\t(empty)',
    '#unset_field\t-',
    '#path\tconn',
    `#fields\t${CONN_COLUMNS.join('\t')}`,
    ...rows.map((row) => Object.values({ ...DEFAULTS, ...row }).join('\t')),
    '',
  ].join('\n')

/** A dns.log of answers: when, who asked, what, and the answers as Zeek writes a vector. */
export const dnsLog = (
  rows: readonly (readonly [ts: number, client: string, query: string, answers: string])[],
): string =>
  [
    '#separator \\x09',
    '#path\tdns',
    '#fields\tts\tid.orig_h\tid.resp_h\tproto\tquery\tqtype_name\tanswers',
    ...rows.map(([ts, client, query, answers]) =>
      [ts, client, '10.0.0.1', 'udp', query, 'A', answers].join('\t'),
    ),
    '',
  ].join('\n')

/** Rows of one series: start in seconds, then each period. */
export const beats = (count: number, everyS: number, row: ConnRow = {}, startS = 1_700_000_000) =>
  Array.from({ length: count }, (_, i) => ({
    ...row,
    ts: (startS + i * everyS).toFixed(6),
    'id.orig_p': String(40_000 + i),
  }))
