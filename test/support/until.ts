/**
 * Waits until `check` holds, for tests that watch real processes.
 * @throws {Error} naming `what`, after `timeoutMs`
 */
export async function until(
  what: string,
  check: () => boolean | Promise<boolean>,
  timeoutMs: number = 15_000,
): Promise<void> {
  const endMs = Date.now() + timeoutMs
  while (!(await check())) {
    if (Date.now() > endMs) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
