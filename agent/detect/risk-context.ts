/**
 * What paths, users and programs say of a transfer, by the conventions of each system. Pure.
 *
 * Paths are compared with `/` for `\` and in lower case: the words looked for are the same then.
 */
import type { Schedule, User } from '../../platform/event.ts'

/** Tools whose purpose is to move data, or that are known for being made to (LOLBAS, GTFOBins). */
const TRANSFER_TOOLS = new Set(
  (
    'curl wget scp sftp rsync ssh nc ncat netcat socat ftp tftp lftp rclone restic s3cmd aws gsutil azcopy ' +
    'mc croc magic-wormhole openssl certutil bitsadmin certreq desktopimgdownldr esentutl finger ' +
    'pscp psftp plink winscp robocopy'
  ).split(' '),
)
/** Run any text that they are given. Plain shells are in every job's lineage and say nothing. */
const INTERPRETERS =
  /^(?:python|perl|ruby|php|node|lua|osascript|powershell|pwsh|wscript|cscript|mshta|java)[\d.]*$/
/** Programs with no business on the network: what sends in their name was put into them. */
const UNLIKELY_SENDERS = new Set(
  'notepad calc calculator mspaint wordpad write rundll32 regsvr32 dllhost werfault gpupdate osk charmap'.split(
    ' ',
  ),
)

export type ProgramKind = 'transfer_tool' | 'unlikely_sender' | 'interpreter'

/** @param program path or name; `.exe` does not matter */
export function programKind(program: string): ProgramKind | undefined {
  const name =
    plain(program)
      .split('/')
      .at(-1)
      ?.replace(/\.exe$/, '') ?? ''
  if (TRANSFER_TOOLS.has(name)) return 'transfer_tool'
  if (UNLIKELY_SENDERS.has(name)) return 'unlikely_sender'
  return INTERPRETERS.test(name) ? 'interpreter' : undefined
}

const TEMP =
  /^(?:\/private)?\/(?:tmp|var\/tmp|var\/folders|dev\/shm|run\/shm)\/|^[a-z]:\/(?:windows\/)?temp\/|\/appdata\/local\/temp\/|^[a-z]:\/users\/public\/|^[a-z]:\/perflogs\//
const HOME = /^\/(?:home|users)\/[^/]+\/|^\/root\/|^[a-z]:\/users\/[^/]+\//
const HIDDEN = /\/\.[^/.][^/]*/

export const isTempPath = (path: string): boolean => TEMP.test(plain(path))
export const isHomePath = (path: string): boolean => HOME.test(plain(path))
/** A dot folder or dot file on the way: hidden from a plain listing. */
export const isHiddenPath = (path: string): boolean => HIDDEN.test(plain(path))

const plain = (path: string): string => path.replaceAll('\\', '/').toLowerCase()

const NOBODY_UIDS = new Set(['65534', '4294967294', '-2'])

/**
 * A person's account without built-in rights; `undefined` where the id does not tell. Root, service
 * accounts and the built-in Administrator (RID 500) are none. Group membership is not known here.
 */
export function isOrdinaryUser(user: User | undefined, platform: string): boolean | undefined {
  const id = user?.id
  if (id === undefined) return undefined
  if (/^S-1-/i.test(id)) {
    const [, rid] = /^S-1-5-21-\d+-\d+-\d+-(\d+)$/i.exec(id) ?? []
    return rid !== undefined && Number(rid) >= 1_000
  }
  if (!/^-?\d+$/.test(id)) return undefined
  // macOS counts people from 501, Linux from 1000.
  return Number(id) >= (platform === 'macos' ? 501 : 1_000) && !NOBODY_UIDS.has(id)
}

/** Where users keep jobs of their own: crontab spools, launch agents, systemd user units. */
const OWN_JOB =
  /\/cron\/(?:crontabs\/|tabs\/)?[^/]+$|\/var\/at\/tabs\/|\/users\/[^/]+\/library\/launchagents\/|\/\.config\/systemd\/user\//

/** A job that its user could write without anyone's leave. */
export function isOwnJob(schedule: Schedule, actor: string | undefined): boolean {
  const file = schedule.file === undefined ? '' : plain(schedule.file)
  return OWN_JOB.test(file) || HOME.test(file) || (actor !== undefined && isHomePath(actor))
}
