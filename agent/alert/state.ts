/** Reads an episode back from its stored alert. Pure and total: a damaged document is no state. */
import type { AlertRecord } from '../../storage/alert.ts'
import type { Period } from '../detect/assessment.ts'
import type { Told } from './alert-input.ts'
import type { AlertState } from './episode.ts'

/** @returns undefined where the document is not one of ours; the episode then begins anew */
export function stateOf(record: AlertRecord): AlertState | undefined {
  const fields = fieldsOf(fieldsOf(parse(record.document), 'document'), 'tidewatch')
  const episode = fieldsOf(fields, 'episode')
  const { beats, period_ms: periodMs, model } = fields
  const { start_ms: startMs, last_ms: lastMs } = episode
  if (!isNumber(beats) || !isNumber(periodMs) || !isNumber(startMs) || !isNumber(lastMs))
    return undefined
  if (!isModel(model)) return undefined
  const told = toldOf(episode, periodMs, model)
  const { id, seriesKey, createdMs } = record
  const state = { id, seriesKey, createdMs, startMs, lastMs, beats, periodMs, model }
  return told === undefined ? state : { ...state, told }
}

/** What was told is written only where it is not what the episode now is. */
function toldOf(episode: Fields, period: number, model: Period['model']): Told | undefined {
  const { told_ms: atMs, told_risk: risk, told_period_ms, told_model } = episode
  if (!isNumber(atMs) || !isNumber(risk)) return undefined
  return {
    atMs,
    risk,
    periodMs: isNumber(told_period_ms) ? told_period_ms : period,
    model: isModel(told_model) ? told_model : model,
  }
}

type Fields = Readonly<Record<string, unknown>>

function parse(document: string): Fields {
  try {
    return { document: JSON.parse(document) }
  } catch {
    return {}
  }
}

function fieldsOf(fields: Fields, name: string): Fields {
  const value = fields[name]
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

const isNumber = (value: unknown): value is number => Number.isFinite(value)
const isModel = (value: unknown): value is Period['model'] =>
  value === 'clock' || value === 'sleep' || value === 'calendar'
