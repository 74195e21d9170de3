/** Messages of eslogger made by hand for tests, of which only what matters must be given. */

export interface EsProcess {
  readonly pid: number
  readonly ppid?: number
  readonly path?: string
  readonly uid?: number
  readonly startTime?: string
  readonly facts?: object
}

export interface EsMessage {
  readonly type: string
  readonly time?: string
  readonly version?: number
  readonly seq?: number
  readonly globalSeq?: number
  /** Who did it. */
  readonly process?: EsProcess
  /** The child of a fork, the target of an exec. */
  readonly subject?: EsProcess
  readonly args?: readonly string[]
  readonly facts?: object
}

/** Since version 10 a token is eight numbers. */
const token = (version: number, pid: number, uid: number): unknown =>
  version === 10
    ? [uid, uid, 20, uid, 20, pid, 100_013, 7]
    : { auid: uid, euid: uid, egid: 20, ruid: uid, rgid: 20, pid, asid: 100_013, pidversion: 7 }

function processText(version: number, one: EsProcess): object {
  return {
    audit_token: token(version, one.pid, one.uid ?? 501),
    ppid: one.ppid ?? 1,
    start_time: one.startTime ?? '2025-08-07T13:21:35.877422Z',
    executable: { path: one.path ?? '/bin/sh', path_truncated: false },
    signing_id: 'com.apple.sh',
    team_id: null,
    is_platform_binary: true,
    ...one.facts,
  }
}

export function esloggerLine(message: EsMessage): string {
  const { type, version = 9, process = { pid: 70 }, subject, args, seq, globalSeq } = message
  const key = type === 'fork' ? 'child' : 'target'
  const event = {
    ...(subject && { [key]: processText(version, subject) }),
    ...(args && { args }),
    ...message.facts,
  }
  return JSON.stringify({
    version,
    time: message.time ?? '2025-08-07T13:21:35.880814738Z',
    process: processText(version, process),
    event: { [type]: event },
    ...(seq !== undefined && { seq_num: seq }),
    ...(globalSeq !== undefined && { global_seq_num: globalSeq }),
  })
}
