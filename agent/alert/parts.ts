/**
 * The parts of an alert document, the most needed first. Pure.
 *
 * Every string that a host may choose is clipped here, so that the first part always fits. Values of
 * factors and evidence are text, since an index takes one type a field.
 */
import type { User } from '../../platform/event.ts'
import type { Evidence } from '../detect/assessment.ts'
import { scheduleOf } from '../detect/risk-types.ts'
import type { ComposeInput } from './compose.ts'
import { sentence } from './sentence.ts'
import { clip, isoTime } from './text.ts'
import { ruleFields, threatFields } from './threat.ts'

export type Fields = Readonly<Record<string, unknown>>

/** Bytes of JSON: an id or a name, a path, a sentence. */
const NAME = 64
const PATH = 120
const SENTENCE = 360
const MAX_ARGS = 8
const MAX_EVIDENCE = 5
const MAX_FACTORS = 8

export function alertParts(input: ComposeInput, ecsVersion: string): readonly Fields[] {
  const { transfer, host, risk } = input
  const [sender, parent] = transfer?.lineage ?? []
  const user: User = transfer?.user ?? optionalId(input.identity.userId)
  return [
    essentials(input, ecsVersion),
    { threat: threatFields(scheduleOf(input)), rule: ruleFields(risk.analytic) },
    { tidewatch: figures(input) },
    { user: { id: name(user.id), name: name(user.name) } },
    { destination: { domain: path(transfer?.domain ?? input.identity.destinationDomain) } },
    { process: processFields(sender) },
    { tidewatch: { schedule: scheduleFields(input) } },
    { tidewatch: { risk_factors: listed(risk.factors, MAX_FACTORS) } },
    bytes(input),
    { source: { ip: name(transfer?.sourceIp ?? input.identity.sourceIp) } },
    {
      host: {
        os: { type: host.os.type, name: name(host.os.name), version: name(host.os.version) },
      },
    },
    { process: { args: args(sender?.args), args_count: sender?.args?.length } },
    { process: { parent: processFields(parent) } },
    {
      host: {
        ip: host.ip.slice(0, 2).map((ip) => clip(ip, NAME)),
        architecture: name(host.architecture),
      },
    },
    { tidewatch: { evidence: listed(input.assessment.evidence, MAX_EVIDENCE) } },
    related(input),
    { process: { parent: { args: args(parent?.args) } } },
    {
      host: {
        hostname: name(host.hostname),
        mac: host.mac.slice(0, 2).map((mac) => clip(mac, NAME)),
        os: {
          platform: name(host.os.platform),
          family: name(host.os.family),
          kernel: name(host.os.kernel),
        },
      },
    },
    { rule: { reference: 'https://attack.mitre.org/detectionstrategies/DET0399' } },
  ]
}

/** What no alert is without: who, where, how bad, and what a restart needs to go on. */
function essentials(input: ComposeInput, ecsVersion: string): Fields {
  const { episode, risk, identity, host, transfer } = input
  const ip = transfer?.destination.ip ?? identity.destinationIp
  const { told } = episode
  return {
    '@timestamp': isoTime(input.nowMs),
    ecs: { version: ecsVersion },
    event: {
      kind: 'alert',
      category: ['network', 'intrusion_detection'],
      type: ['info'],
      module: 'tidewatch',
      dataset: 'tidewatch.alert',
      id: clip(input.id, NAME),
      created: isoTime(input.createdMs),
      start: isoTime(episode.startMs),
      end: isoTime(episode.lastMs),
      severity: severity(risk.score),
      risk_score: risk.score,
    },
    message: clip(sentence(input), SENTENCE),
    rule: { id: risk.analytic },
    threat: { technique: { id: ['T1029'] } },
    host: { id: name(host.id), name: clip(host.name, NAME) },
    destination: {
      ip: name(ip),
      address: path(transfer?.domain ?? identity.destinationDomain ?? ip),
      port: identity.destinationPort,
    },
    network: {
      transport: identity.transport,
      direction: input.platform === 'network' ? 'outbound' : 'egress',
    },
    tidewatch: {
      series_key: clip(identity.key, PATH),
      beats: episode.beats,
      period_ms: episode.periodMs,
      model: episode.model,
      episode: {
        start_ms: episode.startMs,
        last_ms: episode.lastMs,
        ...(told && {
          told_ms: told.atMs,
          told_risk: told.risk,
          told_period_ms: told.periodMs,
          told_model: told.model,
        }),
      },
    },
  }
}

/** 1 low, 2 medium, 3 high, 4 critical: quarters of the risk above what is worth an alert at all. */
const severity = (risk: number): number => 1 + [47, 73, 90].filter((bound) => risk >= bound).length

function figures({ assessment, transfer, identity }: ComposeInput): Fields {
  const [period] = assessment.periods
  return {
    actor: path(transfer?.actor ?? identity.actor),
    form: path(assessment.form),
    jitter: rounded(period?.jitter),
    missed_ratio: rounded(period?.missedRatio),
    score: rounded(assessment.score),
    next_expected: assessment.next && isoTime(assessment.next.atMs),
    next_tolerance_ms: assessment.next?.toleranceMs,
  }
}

function bytes({ volume }: ComposeInput): Fields {
  if (volume === undefined) return {}
  return {
    source: { bytes: volume.sentBytesTotal },
    tidewatch: {
      sent_bytes_median: volume.sentBytesMedian,
      sent_bytes_total: volume.sentBytesTotal,
      received_bytes_median: volume.receivedBytesMedian,
    },
  }
}

function scheduleFields(input: ComposeInput): Fields | undefined {
  const schedule = scheduleOf(input)
  if (schedule === undefined) return undefined
  return {
    id: name(schedule.id),
    scheduler: schedule.scheduler,
    trigger: name(schedule.trigger),
    command: path(schedule.command),
    file: path(schedule.file),
    line: schedule.line,
    user: name(schedule.user?.name ?? schedule.user?.id),
    started_it: input.transfer?.schedule !== undefined,
  }
}

function processFields(
  process: NonNullable<ComposeInput['transfer']>['lineage'][number] | undefined,
): Fields | undefined {
  if (process === undefined) return undefined
  return {
    pid: process.pid,
    entity_id: name(process.entityId),
    executable: path(process.executable),
    name: name(process.name ?? process.executable?.split(/[/\\]/).at(-1)),
  }
}

function related({ transfer, identity, host }: ComposeInput): Fields {
  const ips = [
    transfer?.sourceIp ?? identity.sourceIp,
    transfer?.destination.ip ?? identity.destinationIp,
  ]
  const hosts = [host.name, transfer?.domain ?? identity.destinationDomain]
  return {
    related: {
      ip: distinct(ips),
      hosts: distinct(hosts),
      user: distinct([transfer?.user?.name, transfer?.loginUser?.name]),
    },
  }
}

const distinct = (values: readonly (string | undefined)[]): readonly string[] | undefined => {
  const set = new Set(values.flatMap((value) => (value === undefined ? [] : [clip(value, NAME)])))
  return set.size === 0 ? undefined : [...set]
}

const optionalId = (id: string | undefined): User => (id === undefined ? {} : { id })

const listed = (list: readonly Evidence[], most: number): readonly Fields[] =>
  list.slice(0, most).map((one) => ({
    name: clip(one.name, NAME),
    value: clip(String(one.value), NAME),
    weight: rounded(one.weight),
  }))

const args = (list: readonly string[] | undefined): readonly string[] | undefined =>
  list?.slice(0, MAX_ARGS).map((arg) => clip(arg, NAME))

const name = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : clip(text, NAME)
const path = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : clip(text, PATH)
const rounded = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Math.round(value * 1_000) / 1_000
