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

/** The root of the host that a file was copied from, else its folder. */
export const placeOf = (path: string): string =>
  rootBy(DEFINITIONS, path) ?? rootBy(LOGS, path) ?? folderOf(path)

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
