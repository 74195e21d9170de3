/** The asking end of the control socket. Nobody there is an answer too: the agent does not run. */
import { connect } from 'node:net'
import { AgentError, codeOf, messageOf } from '../../platform/errors.ts'
import {
  type ControlAnswers,
  type ControlRequest,
  MAX_RESPONSE_BYTES,
  parseResponse,
} from './protocol.ts'

/** An agent that is busy assessing answers within a second or two. */
const PATIENCE_MS = 10_000

/** What a failed connect says when no agent runs. */
const NOBODY = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTDIR'])

/**
 * @returns `undefined` where no agent runs on this data folder
 * @throws {AgentError} `ERR_CONTROL` where one runs, and does not answer us
 */
export async function askAgent<Asked extends ControlRequest>(
  path: string,
  request: Asked,
  patienceMs = PATIENCE_MS,
): Promise<ControlAnswers[Asked['request']] | undefined> {
  const line = await exchange(path, `${JSON.stringify(request)}\n`, patienceMs)
  if (line === undefined) return undefined
  const response = parseResponse(line)
  if (!response.ok) throw new AgentError('ERR_CONTROL', `${path}: ${response.reason}`)
  // The socket is its owner's alone: who answers is the agent, and answers in kind.
  return response.value as ControlAnswers[Asked['request']]
}

function exchange(path: string, line: string, patienceMs: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let heardBytes = 0
    const socket = connect({ path })
    const deadline = AbortSignal.timeout(patienceMs)
    deadline.addEventListener('abort', () =>
      socket.destroy(
        new AgentError('ERR_CONTROL', `${path}: the agent did not answer`, {
          remedy: 'it may be stuck: look at its log, or restart it',
        }),
      ),
    )
    socket.once('connect', () => socket.write(line))
    socket.on('data', (chunk: Buffer) => {
      heardBytes += chunk.length
      chunks.push(chunk)
      if (heardBytes <= MAX_RESPONSE_BYTES) return
      socket.destroy(new AgentError('ERR_CONTROL', `${path}: the answer is too long`))
    })
    socket.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    socket.once('close', () => reject(failure(path, undefined)))
    socket.once('error', (error) => {
      if (NOBODY.has(codeOf(error) ?? '')) resolve(undefined)
      else reject(failure(path, error))
    })
  })
}

function failure(path: string, error: unknown): AgentError {
  if (error instanceof AgentError) return error
  const code = codeOf(error)
  if (code === 'EACCES' || code === 'EPERM') {
    return new AgentError('ERR_CONTROL', `${path}: permission denied`, {
      cause: error,
      remedy:
        "ask as the agent's user (sudo; on Windows an administrator), or name your own folder (--data-dir)",
    })
  }
  const what = error === undefined ? 'hung up' : (code ?? messageOf(error))
  return new AgentError('ERR_CONTROL', `${path}: ${what}`, { cause: error })
}
