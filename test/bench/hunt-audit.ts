/** What a hunt through a large audit.log costs: seconds, and that its memory does not grow with the log. */
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeLog } from './audit-parse.ts'
import { type HuntCost, runHunt } from './hunt-run.ts'

export interface AuditHuntCost extends HuntCost {
  readonly records: number
  readonly fileBytes: number
}

export async function benchAuditHunt(records: number): Promise<AuditHuntCost> {
  const folder = await mkdtemp(join(tmpdir(), 'tidewatch-bench-'))
  try {
    const path = join(folder, 'audit.log')
    const written = await writeLog(path, records, 0.1)
    const { size: fileBytes } = await stat(path)
    return { records: written, fileBytes, ...(await runHunt(path)) }
  } finally {
    await rm(folder, { recursive: true })
  }
}
