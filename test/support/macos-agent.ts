/**
 * The agent as on a Mac, on any system: its own composition root, in which programs of a folder stand
 * for those of macOS. Run as `node macos-agent.ts FOLDER run ...`; the folder has `bin` and `root`.
 */

import { join } from 'node:path'
import { systemClock } from '../../agent/clock.ts'
import { program, runProgram } from '../../agent/commands/program.ts'
import { runSensor } from '../../agent/sensor.ts'
import { openStoreReadOnly } from '../../storage/database.ts'
import { noService } from './command-context.ts'

/** A program that prints nothing for so long is given up, ms. */
const PATIENCE_MS = 5_000

const [folder = '', ...args] = process.argv.slice(2)
const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())
const write = (text: string): void => void process.stdout.write(text)

const root = program({
  version: '0.0.0',
  output: {
    ...{ write, isTerminal: false, isColored: false },
    size: () => ({ columns: 80, rows: 24 }),
  },
  paths: { dataDir: join(folder, 'data'), configFile: join(folder, 'agent.yml') },
  clock: systemClock(),
  host: { name: 'mac', os: 'macOS' },
  openStoreReadOnly,
  runSensor: (options) =>
    runSensor(options, {
      platform: 'darwin',
      macos: {
        programDir: join(folder, 'bin'),
        rootDir: join(folder, 'root'),
        patienceMs: PATIENCE_MS,
      },
    }),
  stopSignal: () => stop.signal,
  service: noService,
  setExitCode: (code) => {
    process.exitCode = code
  },
})
process.exitCode = (await runProgram(root, args, write, write)) ?? process.exitCode ?? 0
