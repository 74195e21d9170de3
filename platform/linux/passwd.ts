/**
 * Reads `/etc/passwd`: which user name a uid has. Pure. Users that only a directory service knows
 * (LDAP, SSSD) are not in it, and keep their number.
 */

/** @returns uid, as text, to name; the first row of a uid wins, as in the C library */
export function parsePasswd(text: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [name, , uid] = line.split(':')
    if (!name || uid === undefined || !/^\d+$/.test(uid) || /^[#+-]/.test(name)) continue
    if (!names.has(uid)) names.set(uid, name)
  }
  return names
}
