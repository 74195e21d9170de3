/** What the agent needs on any host: its folder with room, its secrets kept, itself running. Pure. */
import type { AgentStatus } from '../control/status.ts'
import { bytesText } from '../report/text.ts'
import type { CheckStep, OutputCheck } from '../ship/check-output.ts'
import { type Check, type Diagnosis, good, type Machine } from './diagnosis.ts'

export interface CommonNeeds {
  readonly dataDir: string
  readonly configFile: string | undefined
  /** Keys, tokens, headers: whoever reads them writes in the agent's name. */
  readonly secretFiles: readonly string[]
  /** That the database may grow to. */
  readonly maxBytes: number
  /** Of the running agent; `undefined` where none runs. */
  readonly status: AgentStatus | undefined
  readonly outputs: readonly OutputCheck[]
  /** The fleet's server; none where the host is in no fleet. */
  readonly fleet: readonly OutputCheck[]
}

const OTHERS_WRITE = 0o022
const OTHERS_ANY = 0o077

export const commonChecks = (needs: CommonNeeds): readonly Check[] => [
  async (machine) => dataFolder(machine, needs),
  async (machine) => files(machine, needs),
  async () => agent(needs),
  async () => outputs(needs),
  async () => needs.fleet.flatMap(stepsOf),
]

function dataFolder(machine: Machine, { dataDir, maxBytes }: CommonNeeds): readonly Diagnosis[] {
  const facts = machine.facts(dataDir)
  const freeBytes = machine.freeBytes(facts === undefined ? parentOf(dataDir) : dataDir)
  const room: Diagnosis =
    freeBytes === undefined
      ? { name: 'disk', state: 'unknown', detail: `${dataDir}: its disk does not tell` }
      : freeBytes >= maxBytes
        ? good('disk', `${bytesText(freeBytes)} free, ${bytesText(maxBytes)} at most are used`)
        : {
            ...{ name: 'disk', state: 'warning' },
            detail: `${bytesText(freeBytes)} free, but the database may grow to ${bytesText(maxBytes)}`,
            remedy: 'make room, lower store.maxSize, or choose another disk with --data-dir',
          }
  if (facts === undefined) return [room]
  const isOpen = machine.platform !== 'win32' && (facts.mode & OTHERS_ANY) !== 0
  return [room, isOpen ? tooOpen('data folder', dataDir, 0o700) : good('data folder', dataDir)]
}

function files(machine: Machine, needs: CommonNeeds): readonly Diagnosis[] {
  if (machine.platform === 'win32') return []
  const { configFile, secretFiles } = needs
  const secrets = secretFiles.map((path): Diagnosis => {
    const facts = machine.facts(path)
    if (facts === undefined) {
      return {
        ...{ name: 'secret', state: 'failed', detail: `${path}: missing, or may not be read` },
        remedy: 'write the key into it, or correct its name in the configuration',
      }
    }
    return (facts.mode & OTHERS_ANY) === 0 ? good('secret', path) : tooOpen('secret', path, 0o600)
  })
  const facts = configFile === undefined ? undefined : machine.facts(configFile)
  if (configFile === undefined || facts === undefined) return secrets
  return [
    (facts.mode & OTHERS_WRITE) === 0
      ? good('configuration', configFile)
      : tooOpen('configuration', configFile, facts.mode & ~OTHERS_WRITE),
    ...secrets,
  ]
}

const tooOpen = (name: string, path: string, mode: number): Diagnosis => ({
  ...{ name, state: 'warning', detail: `${path}: others than its owner may get at it` },
  remedy: `chmod ${mode.toString(8)} ${path}`,
  fix: [{ kind: 'mode', path, mode }],
})

function agent({ status, dataDir }: CommonNeeds): readonly Diagnosis[] {
  if (status === undefined) {
    return [
      {
        ...{ name: 'agent', state: 'warning', detail: `none runs on ${dataDir}` },
        remedy: 'start it: agent run, or the service',
      },
    ]
  }
  const unwell = status.collectors.flatMap(({ dataset, state, reason }): readonly Diagnosis[] =>
    state === 'lost' || state === 'degraded'
      ? [
          {
            ...{ name: dataset, state: state === 'lost' ? 'failed' : 'warning' },
            ...split(reason ?? state),
          },
        ]
      : [],
  )
  return [good('agent', `runs, pid ${status.pid ?? '?'}`), ...unwell]
}

/** A reason ends with its remedy. */
function split(reason: string): Pick<Diagnosis, 'detail' | 'remedy'> {
  const at = reason.lastIndexOf('; ')
  return at < 0
    ? { detail: reason, remedy: 'look at agent status' }
    : { detail: reason.slice(0, at), remedy: reason.slice(at + 2) }
}

function outputs({ outputs: all }: CommonNeeds): readonly Diagnosis[] {
  if (all.length === 0) return [good('endpoint', 'none is configured: alerts stay on this host')]
  return all.flatMap(stepsOf)
}

const stepsOf = ({ output, place, steps }: OutputCheck): readonly Diagnosis[] =>
  steps.map(({ what, result, detail, remedy }) => ({
    name: `${output} ${what}`,
    state: STATES[result],
    detail: `${place}: ${detail}`,
    ...(remedy !== undefined && { remedy }),
  }))

const STATES: Readonly<Record<CheckStep['result'], Diagnosis['state']>> = {
  ok: 'good',
  warning: 'warning',
  failed: 'failed',
}

const parentOf = (path: string): string => path.replace(/[/\\][^/\\]*$/, '') || '/'
