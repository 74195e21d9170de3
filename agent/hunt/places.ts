/**
 * Whose files lie where: what a path tells of the host that it was copied from. Pure.
 *
 * `evidence/web1/var/log/audit/audit.log` and `evidence/web1/etc/crontab` are of one host, whose files
 * lie in `evidence/web1`. Elsewhere the files of one folder belong together.
 */

const LOGS = /^(.*?)\/var\/log\//
/** Where a Linux host keeps job definitions. */
const DEFINITIONS =
  /^(.*?)\/(?:etc\/(?:crontab$|anacrontab$|cron\.(?:d|hourly|daily|weekly|monthly|yearly)\/|crontabs\/|periodic\/|systemd\/)|var\/spool\/(?:cron|at)\/|(?:usr\/)?lib\/systemd\/)/

/** Where macOS keeps them: launchd's folders, each with the path within the host behind it. */
const LAUNCHD =
  /^(.*?)(\/(?:System\/)?Library\/Launch(?:Daemons|Agents)\/.*|\/(?:Users\/[^/]+|(?:private\/)?var\/root)\/Library\/LaunchAgents\/.*)$/
const MAC_CRON = /^(.*?)\/(?:private\/)?var\/at\//

/** The path within its host of a property list of launchd. */
export const launchdPath = (path: string): string | undefined =>
  LAUNCHD.exec(fromSomewhere(path))?.[2]

/** The root of the host that a file was copied from, else its folder. */
export const placeOf = (path: string): string =>
  PLACES.map((places) => rootBy(places, path)).find((root) => root !== undefined) ?? folderOf(path)

const PLACES = [DEFINITIONS, LOGS, LAUNCHD, MAC_CRON]

/** The root of a host, where the file is one of its job definitions. */
export const definitionRoot = (path: string): string | undefined => rootBy(DEFINITIONS, path)

function rootBy(places: RegExp, path: string): string | undefined {
  const root = places.exec(fromSomewhere(path))?.[1]
  return root === '' ? '/' : root
}

const folderOf = (path: string): string => {
  const plain = fromSomewhere(path)
  return plain.slice(0, plain.lastIndexOf('/')) || '/'
}

/** A path from the working folder begins with it, so that each of its folders stands between slashes. */
function fromSomewhere(path: string): string {
  const plain = path.replaceAll('\\', '/')
  return /^(?:[A-Za-z]:)?\/|^\.\.?\//.test(plain) ? plain : `./${plain}`
}
