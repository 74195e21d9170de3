/**
 * The lines of the configuration that would allow a recurring transfer, ready to be copied. Pure. Each
 * is as narrow as it can be: a destination by its name before its address, a program by its whole path.
 */
import { stringify } from 'yaml'
import type { ToldFinding } from './told-finding.ts'

export interface AllowLines {
  /** What they would do, in words. */
  readonly meaning: string
  readonly lines: readonly string[]
}

export function allowLines({ destination, actor, lineage }: ToldFinding): readonly AllowLines[] {
  const program = actor ?? lineage[0]?.executable
  const entry = destination.name === 'unknown' ? destination.ip : destination.name
  return [
    ...(entry === undefined || entry.startsWith('masked:')
      ? []
      : [
          {
            meaning: `all transfers to ${entry} are expected`,
            lines: yaml({ detect: { destIpAllowlist: [entry] } }),
          },
        ]),
    ...(program === undefined
      ? []
      : [
          {
            meaning: `${program} and what it starts is expected to send on a schedule`,
            lines: yaml({ detect: { parentProcessBaseline: [escapedGlob(program)] } }),
          },
        ]),
  ]
}

const yaml = (value: unknown): readonly string[] => stringify(value).trimEnd().split('\n')

/** A path that holds what a glob gives a meaning to is matched by one character of any kind there. */
const escapedGlob = (path: string): string => path.replace(/[*?]/g, '?')
