/**
 * Reads `dscl . -list /Users UniqueID`: names of this Mac's accounts by uid. Pure. Accounts of a network
 * directory are not in it.
 */

const ROW = /^(\S.*?)\s+(-?\d+)$/

/** By uid as an unsigned number, as Endpoint Security writes it: nobody's -2 is 4294967294. */
export function parseAccounts(text: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, name, uid] = ROW.exec(line.trimEnd()) ?? []
    if (name === undefined) continue
    const id = String(Number(uid) >>> 0)
    // Of two names for one uid the first counts, as for the system.
    if (!names.has(id)) names.set(id, name)
  }
  return names
}
