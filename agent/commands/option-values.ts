/** Values of options that several commands take, read and refused alike. */
import { InvalidArgumentError } from 'commander'

const MAX_REPORTED = 1_000

export function zone(name: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
  } catch {
    throw new InvalidArgumentError('It is no IANA time zone, such as Europe/Berlin.')
  }
}

/** This host's. */
export const ownZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone

export const reportLimit = (text: string): number => whole(text, 1, MAX_REPORTED)

export function whole(text: string, least: number, most: number): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= least && number <= most) return number
  throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`)
}
