/**
 * The alert that a live agent would have sent of a finding in a recording, for `agent hunt --ecs`: the
 * same composer, with what the recording tells of the host. Pure.
 */
import { createHash } from 'node:crypto'
import type { AlertFinding } from './alert/alert-input.ts'
import { composeAlert } from './alert/compose.ts'
import type { HostFacts } from './alert/host-facts.ts'
import { volumeOf } from './detect/risk-volume.ts'
import { type HuntFinding, identityOf } from './hunt/findings.ts'
import { platformOf } from './hunt/judge.ts'

/** @returns JSON on one line; `undefined` where nothing recurs */
export function huntAlert(finding: HuntFinding): string | undefined {
  const { series, assessment, risk, observations, gaps } = finding
  const [period] = assessment.periods
  if (period === undefined) return undefined
  const identity = identityOf(series)
  const volume = volumeOf(observations)
  const { periodMs, model } = period
  const { firstMs, lastMs, observations: beats } = assessment
  const input: AlertFinding = {
    ...{ identity, assessment, risk, gaps, host: hostOf(finding) },
    timesMs: observations.map(({ atMs }) => atMs),
    platform: platformOf(series.sender?.transfer),
    ...(series.sender && { transfer: series.sender.transfer }),
    ...(volume && { volume }),
  }
  return composeAlert({
    ...input,
    // The same recording gives the same id.
    id: createHash('sha256').update(`hunt\n${identity.key}\n${firstMs}`).digest('hex').slice(0, 32),
    createdMs: lastMs,
    nowMs: lastMs,
    episode: { startMs: firstMs, lastMs, beats, periodMs, model },
  })
}

function hostOf({ series }: HuntFinding): HostFacts {
  const platform = platformOf(series.sender?.transfer)
  const name = series.sender?.host || series.sourceIp
  const hasAddress = series.sender === undefined || series.sourceIp !== '0.0.0.0'
  return {
    name,
    hostname: name,
    architecture: 'unknown',
    os: {
      type: platform === 'network' ? 'unix' : platform,
      platform: NODE_PLATFORMS[platform],
    },
    ip: hasAddress ? [series.sourceIp] : [],
    mac: [],
  }
}

const NODE_PLATFORMS = {
  linux: 'linux',
  windows: 'win32',
  macos: 'darwin',
  network: 'unknown',
} as const
