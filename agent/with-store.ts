/**
 * The store for as long as the sensor lives: opened within its bounds, closed whatever ends the sensor,
 * and set aside where it turns out to be damaged, so that the next start does not meet it again.
 */
import { codeOf } from '../platform/errors.ts'
import { openStore } from '../storage/database.ts'
import type { Store } from '../storage/store.ts'
import { toStoreError } from '../storage/store-error.ts'
import type { SensorOptions } from './commands/context.ts'
import { notingFaults } from './life-notes.ts'

/** @throws {AgentError} as `openStore`, and what `work` throws, which is noted for the next start */
export async function withStore(
  { config, dataDir, clock }: Pick<SensorOptions, 'config' | 'dataDir' | 'clock'>,
  work: (store: Store) => Promise<void>,
): Promise<void> {
  const { maxSizeBytes: maxBytes, eventShare, maxSeries, maxObservations } = config.store
  const open = (check: boolean): Store =>
    openStore({
      ...{ folder: dataDir, setAsideMs: clock.now(), check },
      ...{ maxBytes, maxEventBytes: Math.floor(maxBytes * eventShare), maxSeries, maxObservations },
    })
  const store = open(false)
  try {
    await notingFaults(store, clock.now, () => work(store))
  } catch (cause) {
    const error = toStoreError(dataDir, cause)
    store.close()
    // Damage inside of a file shows only when it is read.
    if (codeOf(error) === 'ERR_STORE_CORRUPT') open(true).close()
    throw error
  } finally {
    store.close()
  }
}
