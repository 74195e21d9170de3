/** Start times of one flow of a recorded Zeek conn log, TSV, as far as the detector's tests need them. */
import { globSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Observation } from '../../storage/series.ts'

/** @param pattern glob of conn logs  @param flow "source destination port" */
export function zeekTimes(pattern: string, flow: string): Observation[] {
  const [source, destination, port] = flow.split(' ')
  const observations: Observation[] = []
  for (const file of globSync(pattern).sort()) {
    const bytes = readFileSync(file)
    const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
    let columns: string[] = []
    for (const line of text.split('\n')) {
      if (line.startsWith('#fields')) columns = line.split('\t').slice(1)
      if (line.startsWith('#') || line === '') continue
      const cells = line.split('\t')
      const cell = (name: string): string | undefined => cells[columns.indexOf(name)]
      const isFlow =
        cell('id.orig_h') === source &&
        cell('id.resp_h') === destination &&
        cell('id.resp_p') === port
      if (!isFlow) continue
      observations.push({ atMs: Math.round(Number(cell('ts')) * 1000), connections: 1 })
    }
  }
  return observations.sort((a, b) => a.atMs - b.atMs)
}
