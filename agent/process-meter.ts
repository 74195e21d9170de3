/** What the agent's own process costs: memory now, and CPU over the last minute. */
import type { AgentStatus } from './control/status.ts'

/** Shorter spans make a ratio of one timer's work. */
const SPAN_MS = 60_000

export interface ProcessMeter {
  read(): NonNullable<AgentStatus['process']>
}

export interface MeterSources {
  readonly nowMs: () => number
  /** Microseconds since the process began. */
  readonly cpu: () => { readonly user: number; readonly system: number }
  readonly rssBytes: () => number
}

export function processMeter(
  sources: MeterSources = {
    nowMs: () => performance.now(),
    cpu: () => process.cpuUsage(),
    rssBytes: () => process.memoryUsage.rss(),
  },
): ProcessMeter {
  const sample = () => {
    const { user, system } = sources.cpu()
    return { atMs: sources.nowMs(), cpuMs: (user + system) / 1_000 }
  }
  /** The last two marks: the older one is always at least a span back, once there was one. */
  let [older, newer] = [sample(), sample()]
  return {
    read() {
      const now = sample()
      if (now.atMs - newer.atMs >= SPAN_MS) [older, newer] = [newer, now]
      const spanMs = now.atMs - older.atMs
      const cpuRatio = spanMs <= 0 ? 0 : (now.cpuMs - older.cpuMs) / spanMs
      return { rssBytes: sources.rssBytes(), cpuMs: Math.round(now.cpuMs), cpuRatio }
    },
  }
}
