/**
 * The parts of an alert document, the most needed first. Pure.
 *
 * Every string that a host may choose is clipped here, so that the first part always fits. Values of
 * evidence are text, since an index takes one type a field.
 */
import { isMasked } from '../../platform/address.ts'
import type { CodeSignature, User } from '../../platform/event.ts'
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
const COMMAND_LINE = 240
const MAX_ARGS = 6
const MAX_EVIDENCE = 3
/** The strongest say why at a glance; the others follow where there is room. */
const FIRST_FACTORS = 5
const MAX_FACTORS = 10

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
    { tidewatch: { schedule: taskFields(scheduleOf(input)) } },
    { tidewatch: { schedule: scheduleFields(input) } },
    bytes(input),
    { tidewatch: { risk_factors: factors(risk.factors.slice(0, FIRST_FACTORS)) } },
    { source: { ip: name(inClear(transfer?.sourceIp ?? input.identity.sourceIp)) } },
    {
      host: {
        os: { type: host.os.type, name: name(host.os.name), version: name(host.os.version) },
      },
    },
    { process: { parent: processFields(parent) } },
    { process: { args: args(sender?.args), args_count: sender?.args?.length } },
    { process: { code_signature: signature(sender?.codeSignature) } },
    { process: { command_line: line(sender?.commandLine) } },
    { tidewatch: { evidence: evidence(input.assessment.evidence) } },
    { tidewatch: { risk_factors: factors(risk.factors.slice(0, MAX_FACTORS)) } },
    related(input),
    {
      host: {
        ip: host.ip.slice(0, 2).map((ip) => clip(ip, NAME)),
        architecture: name(host.architecture),
      },
    },
    { process: { parent: { args: args(parent?.args), command_line: line(parent?.commandLine) } } },
    {
      tidewatch: {
        schedule: { id: name(scheduleOf(input)?.id) },
        received_bytes_median: whole(input.volume?.receivedBytesMedian),
      },
    },
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
      ip: name(inClear(ip)),
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
          // As the period and model above, unless they have changed since.
          ...(told.periodMs !== episode.periodMs && { told_period_ms: told.periodMs }),
          ...(told.model !== episode.model && { told_model: told.model }),
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
    next_tolerance_ms: whole(assessment.next?.toleranceMs),
  }
}

function bytes({ volume }: ComposeInput): Fields {
  if (volume === undefined) return {}
  return {
    source: { bytes: volume.sentBytesTotal },
    tidewatch: {
      sent_bytes_median: whole(volume.sentBytesMedian),
    },
  }
}

/** A task's path is its name, and is short where its definition is long. */
const taskFields = (schedule: ReturnType<typeof scheduleOf>): Fields | undefined =>
  schedule?.scheduler === 'task-scheduler'
    ? { scheduler: schedule.scheduler, id: path(schedule.id) }
    : undefined

function scheduleFields(input: ComposeInput): Fields | undefined {
  const schedule = scheduleOf(input)
  if (schedule === undefined) return undefined
  return {
    scheduler: schedule.scheduler,
    trigger: name(schedule.trigger),
    command: path(schedule.command),
    file: path(schedule.file),
    line: schedule.line,
    hidden: schedule.isHidden,
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

const signature = (of: CodeSignature | undefined): Fields | undefined =>
  of && { signing_id: name(of.id), team_id: name(of.teamId) }

function related({ transfer, identity, host }: ComposeInput): Fields {
  const ips = [
    transfer?.sourceIp ?? identity.sourceIp,
    transfer?.destination.ip ?? identity.destinationIp,
  ]
  const hosts = [host.name, transfer?.domain ?? identity.destinationDomain]
  return {
    related: {
      ip: distinct(ips.map(inClear)),
      hosts: distinct(hosts),
      user: distinct([transfer?.user?.name, transfer?.loginUser?.name]),
    },
  }
}

/** Elasticsearch refuses a document whose `ip` is none: a mask is told as an address. */
const inClear = (ip: string | undefined): string | undefined =>
  ip === undefined || isMasked(ip) ? undefined : ip

const distinct = (values: readonly (string | undefined)[]): readonly string[] | undefined => {
  const set = new Set(values.flatMap((value) => (value === undefined ? [] : [clip(value, NAME)])))
  return set.size === 0 ? undefined : [...set]
}

const optionalId = (id: string | undefined): User => (id === undefined ? {} : { id })

/** The strongest first. What a factor saw stands elsewhere in the document. */
const factors = (list: readonly Evidence[]): readonly string[] =>
  list.map((one) => clip(one.name, NAME))

const evidence = (list: readonly Evidence[]): readonly Fields[] | undefined =>
  list.length === 0
    ? undefined
    : list.slice(0, MAX_EVIDENCE).map((one) => ({
        name: clip(one.name, NAME),
        value: clip(String(typeof one.value === 'number' ? rounded(one.value) : one.value), NAME),
        weight: rounded(one.weight),
      }))

const args = (list: readonly string[] | undefined): readonly string[] | undefined =>
  list?.slice(0, MAX_ARGS).map((arg) => clip(arg, NAME))

const upTo = (maxBytes: number) => (text: string | undefined) =>
  text === undefined ? undefined : clip(text, maxBytes)
const [name, path, line] = [upTo(NAME), upTo(PATH), upTo(COMMAND_LINE)]
/** An index takes whole bytes and milliseconds; a median need not be one. */
const whole = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Math.round(value)
const rounded = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Math.round(value * 1_000) / 1_000
