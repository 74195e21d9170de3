/** The alert in one sentence, for the person who reads it first. Pure. */
import { endpointText } from '../../platform/address.ts'
import { scheduleOf } from '../detect/risk-types.ts'
import type { AlertFinding, Episode } from './alert-input.ts'
import { bytesText, clip, isoTime, printable } from './text.ts'

/** Bytes: a long path must leave room for the rest of the sentence. */
const NAME = 100

/**
 * "/opt/backup.sh (cron, root) has sent about 64 KB to 203.0.113.9:443 every 60 s, 12 times since
 * 2026-03-01 04:00 UTC." Where something is not known, the words for it are not there.
 */
export function sentence(input: AlertFinding & { readonly episode: Episode }): string {
  const { transfer, identity, assessment, volume, episode } = input
  const actor = transfer?.actor ?? identity.actor ?? identity.sourceIp ?? 'An unknown program'
  const user = transfer?.user?.name ?? transfer?.user?.id ?? identity.userId
  const circumstances = [scheduleOf(input)?.scheduler, user].filter((word) => word !== undefined)
  const about = circumstances.length > 0 ? ` (${clip(circumstances.join(', '), NAME)})` : ''
  const verb =
    volume === undefined ? 'has connected' : `has sent about ${bytesText(volume.sentBytesMedian)}`
  const domain = transfer?.domain ?? identity.destinationDomain
  const place = domain ?? transfer?.destination.ip ?? identity.destinationIp ?? 'an unknown address'
  const where = endpointText(clip(place, NAME), identity.destinationPort)
  const form = assessment.form ?? assessment.periods[0]?.form ?? 'repeatedly'
  const times = `${episode.beats} ${episode.beats === 1 ? 'time' : 'times'}`
  const since = isoTime(episode.startMs).slice(0, 16).replace('T', ' ')
  return printable(
    `${clip(actor, NAME)}${about} ${verb} to ${where} ${clip(form, NAME)}, ${times} since ${since} UTC.`,
  )
}
