/**
 * Reads `dscl . -list /Users UniqueID`: names of this Mac's accounts by uid. Pure. Accounts of a network
 * directory are not in it.
 */

const UID = /^-?\d{1,10}$/

/** By uid as an unsigned number, as Endpoint Security writes it: nobody's -2 is 4294967294. */
export function parseAccounts(text: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const line of text.split('\n')) {
    const row = line.trim()
    const end = row.lastIndexOf(' ')
    const [name, uid] = [row.slice(0, Math.max(0, end)).trimEnd(), row.slice(end + 1)]
    if (name === '' || !UID.test(uid)) continue
    const id = String(Number(uid) >>> 0)
    // Of two names for one uid the first counts, as for the system.
    if (!names.has(id)) names.set(id, name)
  }
  return names
}
