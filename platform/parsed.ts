/** What a parser returns: bad input is data, so parsers never throw. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string }

export const parsed = <T>(value: T): Parsed<T> => ({ ok: true, value })
export const malformed = (reason: string): Parsed<never> => ({ ok: false, reason })
