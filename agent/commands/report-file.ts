/**
 * Writes a report where a person asked for it: for its owner's eyes only, since it tells who runs what.
 * The page is loaded only here: its plots bring a library that no other command needs.
 */
import { writeFileSync } from 'node:fs'
import { AgentError, codeOf } from '../../platform/errors.ts'
import { expectedTimes } from '../report/expected-times.ts'
import type { ReportInput } from '../report/page/page.ts'
import type { ToldFinding } from '../report/told-finding.ts'
import { quotedDefinition } from './definition.ts'

const OWNER_ONLY = 0o600

export interface ReportContent extends Omit<ReportInput, 'findings' | 'untold'> {
  readonly found: readonly ToldFinding[]
  /** Findings told in full. */
  readonly limit: number
  /** Whether jobs are defined on this host, so that their files can be quoted. */
  readonly isOwnHost: boolean
}

export async function reportText(content: ReportContent): Promise<string> {
  const { found, limit, isOwnHost, ...rest } = content
  const { reportPage } = await import('../report/page/page.ts')
  return reportPage({
    ...rest,
    findings: found.slice(0, limit).map((told) => ({
      told,
      expectedMs: expectedTimes(told, rest.timeZone),
      ...(isOwnHost && { definition: definitionText(told) }),
    })),
    untold: Math.max(0, found.length - limit),
  })
}

function definitionText(told: ToldFinding): string | undefined {
  const definition = quotedDefinition(told.schedule)
  return definition?.lines.map(({ line, text }) => `${line} | ${text}`).join('\n')
}

/** @throws {AgentError} `ERR_OUTPUT` where the file can't be written */
export function writeReport(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: OWNER_ONLY })
  } catch (cause) {
    throw new AgentError('ERR_OUTPUT', `${path}: ${codeOf(cause) ?? 'cannot be written'}`, {
      cause,
      remedy: 'name a file in a folder that is there and that you may write to',
    })
  }
}
