/**
 * What a Mac needs for a full view: root, Full Disk Access, eslogger. Pure but for the machine that is
 * asked. Verified on what the system documents, not on a Mac.
 */
import { type Check, type Diagnosis, good, type Machine } from './diagnosis.ts'

/** Only who has Full Disk Access may read it, root or not. */
const TCC = '/Library/Application Support/com.apple.TCC/TCC.db'
const ESLOGGER = '/usr/bin/eslogger'

export const macosChecks: readonly Check[] = [rights, diskAccess, eslogger]

async function rights({ isRoot }: Machine): Promise<readonly Diagnosis[]> {
  return [
    isRoot
      ? good('rights', 'root')
      : {
          ...{ name: 'rights', state: 'failed', detail: 'not root: eslogger refuses' },
          remedy: 'run it as root, as the installed service does',
        },
  ]
}

async function diskAccess({ readText }: Machine): Promise<readonly Diagnosis[]> {
  const name = 'Full Disk Access'
  return [
    readText(TCC) === undefined
      ? {
          ...{
            name,
            state: 'failed',
            detail: 'not granted: processes and user agents are not seen',
          },
          remedy:
            'System Settings, Privacy & Security, Full Disk Access: add the agent, or its terminal',
        }
      : good(name, 'granted'),
  ]
}

async function eslogger({ facts }: Machine): Promise<readonly Diagnosis[]> {
  const name = 'eslogger'
  return [
    facts(ESLOGGER) === undefined
      ? { name, state: 'failed', detail: `no ${ESLOGGER}`, remedy: 'update to macOS 13 or later' }
      : good(name, ESLOGGER),
  ]
}
