import fc from 'fast-check'
import type { Test } from 'tap'

/**
 * Asserts a fast-check property as one tap assertion. A bare `fc.assert` that passes counts as "no
 * tests found", and tap calls an empty subtest a pass.
 */
export function holds<Ts>(
  t: Test,
  name: string,
  property: fc.IRawProperty<Ts, false>,
  parameters?: fc.Parameters<Ts>,
): void {
  const run = fc.check(property, parameters ?? {})
  t.notOk(run.failed, name, { report: fc.defaultReportMessage(run) })
}

/** `holds` for a property whose predicate is asynchronous. */
export async function holdsAsync<Ts>(
  t: Test,
  name: string,
  property: fc.IRawProperty<Ts, true>,
  parameters?: fc.Parameters<Ts>,
): Promise<void> {
  const run = await fc.check(property, parameters ?? {})
  t.notOk(run.failed, name, { report: fc.defaultReportMessage(run) })
}
