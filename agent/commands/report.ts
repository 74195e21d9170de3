/** `agent report`: what recurs on this host as one HTML file, to be read, sent and printed. */
import { Command } from 'commander'
import type { StoreReader } from '../../storage/store.ts'
import type { CollectorStatus } from '../control/status.ts'
import { storedStatus } from '../control/stored-status.ts'
import { countText, timeText } from '../report/text.ts'
import { toldOfStore } from '../report/told-finding.ts'
import {
  type CommandContext,
  type DataOptions,
  dataDirOf,
  examples,
  printLines,
  withDataOptions,
} from './context.ts'
import { ownZone, reportLimit, zone } from './option-values.ts'
import { reportText, writeReport } from './report-file.ts'

interface ReportOptions extends DataOptions {
  readonly output: string
  readonly limit: number
  readonly timeZone?: string
}

/** The store gives no more. */
const MAX_FINDINGS = 1_000

export function reportCommand(context: CommandContext): Command {
  return withDataOptions(new Command('report'), context)
    .description('what recurs on this host, as one HTML file that needs nothing else')
    .option('-o, --output <file>', 'where to write it; - is standard output', 'tidewatch.html')
    .option('--limit <count>', 'findings told in full, of the most risk', reportLimit, 100)
    .option('--time-zone <name>', "IANA zone to tell times of day in (default: this host's)", zone)
    .addHelpText(
      'after',
      examples(
        'sudo agent report -o /root/tidewatch.html',
        'agent report --limit 20 --time-zone Europe/Berlin',
        'agent report -o - | gzip > report.html.gz',
      ),
    )
    .action((options: ReportOptions) => report(context, options))
}

async function report(context: CommandContext, options: ReportOptions): Promise<void> {
  const dataDir = await dataDirOf(context, options)
  const store = context.openStoreReadOnly(dataDir)
  try {
    const { text, findings } = await textOf(context, store, dataDir, options)
    if (options.output === '-') {
      context.output.write(text)
      return
    }
    writeReport(options.output, text)
    printLines(context, [`${options.output}: ${countText(findings)} findings`])
  } finally {
    store.close()
  }
}

async function textOf(
  { version, host, clock }: CommandContext,
  store: StoreReader,
  dataDir: string,
  { limit, timeZone = ownZone() }: ReportOptions,
): Promise<{ readonly text: string; readonly findings: number }> {
  const status = storedStatus(store, { version, host, dataDir })
  const found = store
    .findings(MAX_FINDINGS)
    .map((finding) => toldOfStore(finding, store.series(finding.seriesKey)))
  const { oldestTransferMs, newestTransferMs, transfers } = status.store
  const span =
    oldestTransferMs === undefined || newestTransferMs === undefined
      ? 'no transfer was seen yet'
      : `${countText(transfers)} transfers, ${timeText(oldestTransferMs)} to ${timeText(newestTransferMs)}`
  const text = await reportText({
    ...{ subject: status.host.name, source: `${status.host.os}; ${span}`, timeZone, version },
    ...{ found, limit, isOwnHost: true, madeMs: clock.now(), gaps: store.gaps(0) },
    losses: status.collectors.flatMap(lossesOf),
  })
  return { text, findings: found.length }
}

function lossesOf({ dataset, state, reason, counters }: CollectorStatus) {
  const { malformed, lost, missed } = counters
  const told = [
    ...(missed > 0 ? [`${countText(missed)} records never reached us`] : []),
    ...(lost > 0 ? [`${countText(lost)} were incomplete`] : []),
    ...(malformed > 0 ? [`${countText(malformed)} could not be read`] : []),
    ...(state === 'lost' || state === 'degraded'
      ? [`${state}: ${reason ?? 'no reason told'}`]
      : []),
  ]
  return told.length === 0 ? [] : [{ source: dataset, what: told.join('; ') }]
}
