/** The live agent. Stands in until the pipeline is joined to it: refuses to run, and says so. */
import { AgentError } from '../platform/errors.ts'
import type { SensorOptions } from './commands/context.ts'

export async function runSensor(_options: SensorOptions): Promise<void> {
  throw new AgentError('ERR_NOT_JOINED', 'the sensor is not part of this build')
}
