/** What the process ends with: the numbers of sysexits.h, which service managers name. */
import type { AgentError } from '../../platform/errors.ts'

export const EXIT_USAGE = 64
const EXIT_SOFTWARE = 70
const EXIT_CONFIG = 78

export const exitCodeOf = ({ code }: AgentError): number =>
  code === 'ERR_CONFIG' ? EXIT_CONFIG : EXIT_SOFTWARE

/** The thing, what is wrong, and the remedy; a configuration may have several problems, a line each. */
export const failureLines = ({ message, remedy }: AgentError): string =>
  remedy === undefined ? message : `${message}; ${remedy}`
