/**
 * The factors of risk and the most points that each may give, with the reason for it.
 *
 * The default threshold (40) takes two strong facts and some weaker ones: an upload by a scheduled
 * job to a new place, or a beacon to the outside that nobody here has talked to before.
 */

export const POINTS = {
  /** Recurrence is the gate; how sure it is adds little. */
  recurrence: 5,
  /** T1029 in its own words: a scheduler starts the transfer. */
  started_by_schedule: 15,
  /** A job is known whose times it follows: the schedule is on this host. */
  follows_schedule: 10,
  /** It sleeps between calls and no job explains it: a program that calls home by itself. */
  beacon_like: 20,
  /** On a grid of the clock, but no job is known: a schedule that is hidden from us. */
  unexplained_clock: 8,
  /** Data leaves: more is sent than comes back. */
  sends_more: 15,
  /** From 64 KiB to 1 GiB in all, by order of magnitude. */
  volume: 15,
  /** Runs grow: collection goes on. */
  volume_grows: 3,
  /** Beyond the networks of the owner. Private stays 0: staging hosts are inside. */
  external_destination: 15,
  /** Only a name is known: not shown to be inside. */
  unresolved_destination: 10,
  /** Loopback, link-local, multicast: nothing leaves for elsewhere. */
  local_destination: -20,
  /** First seen today; none after 30 days. */
  new_destination: 10,
  /** Nobody else here talks to it. */
  rare_destination: 5,
  /** The owner says so. */
  exfil_user: 15,
  script_path: 15,
  agent_path: 15,
  /** A person's own job needs nobody's leave. */
  user_home_job: 10,
  /** World-writable folders are where payloads land. */
  temp_path: 15,
  /** Dot folders hide. */
  hidden_path: 10,
  home_path: 5,
  /** A program that has no business on the network sends. */
  unlikely_sender: 15,
  transfer_tool: 10,
  interpreter: 10,
  /** The job was written within a day; none after 7 days. */
  recent_schedule: 10,
} as const satisfies Record<string, number>
