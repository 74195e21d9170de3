import { parseConfig } from '../../agent/config/parse.ts'
import type { Output } from '../../agent/ship/output.ts'
import { outputsOf } from '../../agent/shipping.ts'

/** An output as the configuration gives it, at its defaults but for `rest`. */
export function anOutput(rest: Partial<Output> = {}): Output {
  const parsed = parseConfig('ship: { url: "http://127.0.0.1:1" }')
  const [output] = parsed.ok ? outputsOf(parsed.config.ship) : []
  if (output === undefined) throw new Error('the defaults give no output')
  return { ...output, ...rest }
}
