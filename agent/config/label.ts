/** A label of a host, `name=value`: what a fleet selects hosts by. Pure. */

const LABEL = /^[a-z][a-z0-9._-]{0,62}=[A-Za-z0-9._:/-]{1,255}$/

export const LABEL_EXPECTED = 'must be name=value, such as env=prod'

export const isLabel = (text: string): boolean => LABEL.test(text)
