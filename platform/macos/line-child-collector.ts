/**
 * Runs a program that prints lines without end (eslogger, `log stream`) and yields them in batches.
 *
 * A child can die, fall silent, print half a line or a line without end: each ends as one sentence for
 * the supervisor, which starts it again. A flood waits in the pipe: what is not read in time the child
 * drops by itself, and its numbering tells. The child never outlives its reader.
 */
import { spawn } from 'node:child_process'
import { codeOf } from '../errors.ts'
import { lineSplitter } from '../shared/lines.ts'

/** What a child says on its way out is kept up to here, characters. */
const MAX_COMPLAINT = 2_000
/** An exec with a whole environment is some 100 KiB. */
const MAX_LINE_BYTES = 4 << 20

/** A child that has closed its output has this long to say why and end, ms. */
const PARTING_MS = 2_000

export interface LineChildOptions {
  readonly command: readonly [string, ...string[]]
  /** It is given up when it prints nothing for this long, ms. */
  readonly silenceMs: number
}

/** How a child ended. */
export interface ChildEnd {
  /** All that it said on its error output, cut. */
  readonly complaint: string
  /** `ended with 1`, `no such program`, `printed nothing for 600 s`. */
  readonly how: string
  /** Something stood behind the last line feed: half a line. */
  readonly hasHalfLine: boolean
}

export interface LineBatch {
  readonly lines: readonly string[]
  /** Lines given up in this batch, since they had no end. */
  readonly overlong: number
}

/** The lines of a child until `signal` aborts or the child ends; `end` then tells how. */
export function lineChild({ command, silenceMs }: LineChildOptions, signal: AbortSignal) {
  const [program, ...args] = command
  // SIGKILL: a child that ignores a request to end would keep this one waiting.
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
    env: { PATH: SEARCH_PATH, LC_ALL: 'C' },
  })
  const splitter = lineSplitter(MAX_LINE_BYTES)
  let complaint = ''
  let silent: string | undefined
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-MAX_COMPLAINT)
  })
  const gone = new Promise<string>((resolve) => {
    child.on('error', (error) => {
      resolve(codeOf(error) === 'ENOENT' ? 'no such program' : error.message)
    })
    child.on('close', (code, by) => resolve(`ended with ${code ?? by}`))
  })

  function giveUp(): void {
    silent = `printed nothing for ${silenceMs / 1000} s`
    stop()
  }

  function stop(): void {
    child.kill('SIGKILL')
    // A grandchild may still hold the pipe.
    child.stdout.destroy()
    child.stderr.destroy()
  }

  async function* batches(): AsyncGenerator<LineBatch> {
    let overlong = 0
    let isClosed = false
    let timer = setTimeout(giveUp, silenceMs)
    signal.addEventListener('abort', stop, { once: true })
    try {
      for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
        clearTimeout(timer)
        const lines = splitter.push(chunk)
        const given = splitter.overlong - overlong
        overlong = splitter.overlong
        // Its reader's own time is no silence of the child.
        if (lines.length > 0 || given > 0) yield { lines, overlong: given }
        timer = setTimeout(giveUp, silenceMs)
      }
      isClosed = true
    } catch (error) {
      // Destroyed by ourselves: `end` says why.
      if (silent === undefined && !signal.aborted) throw error
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      // What it says on its way out is still to be read.
      if (!isClosed) stop()
    }
  }

  return {
    batches,
    async end(): Promise<ChildEnd> {
      const timer = setTimeout(stop, PARTING_MS)
      const how = await gone
      clearTimeout(timer)
      return { complaint, how: silent ?? how, hasHalfLine: splitter.pendingBytes > 0 }
    },
  }
}

/** Fixed: a service may be started with any PATH, and root must not run what a user put first. */
const SEARCH_PATH = '/usr/bin:/usr/sbin:/bin:/sbin'
