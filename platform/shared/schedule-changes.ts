/** What changed between two looks at the job definitions of a host. Pure. */
import type { EpochMs, Schedule, ScheduleChange } from '../event.ts'

/**
 * @param known by id, as of the last look
 * @param found as of now; of two with one id the first counts
 * @param isKept whether one that is not found may still be there: its place could not be read
 */
export function scheduleChanges(
  known: ReadonlyMap<string, Schedule>,
  found: ReadonlyMap<string, Schedule>,
  isKept: (schedule: Schedule) => boolean,
  atMs: EpochMs,
  dataset: string,
): ScheduleChange[] {
  const changes: ScheduleChange[] = []
  const tell = (change: ScheduleChange['change'], schedule: Schedule) =>
    changes.push({ kind: 'schedule-change', atMs, dataset, change, schedule })
  for (const [id, schedule] of found) {
    const before = known.get(id)
    if (before === undefined) tell('creation', schedule)
    else if (meaning(before) !== meaning(schedule)) tell('change', schedule)
  }
  for (const [id, schedule] of known) {
    if (!found.has(id) && !isKept(schedule)) tell('deletion', schedule)
  }
  return changes
}

/** All but where in its file it stands and when that was written: another line's edit moves both. */
const meaning = ({ scheduler, trigger, command, user, file, timing, ...rest }: Schedule): string =>
  JSON.stringify([
    ...[scheduler, trigger, command, user?.id, user?.name, file, timingOf(timing)],
    rest.isLoaded,
  ])

const timingOf = (timing: Schedule['timing']): unknown =>
  timing === undefined ? null : Object.entries(timing).sort(([a], [b]) => (a < b ? -1 : 1))
