/**
 * HTML as a tagged template that escapes: what is put into it is text, unless it is HTML made the same
 * way. Names and arguments come from processes that an attacker may have named. Pure.
 */
import { clean } from '../text.ts'

/** Made by `html` or `trusted`, never of a host's text. */
export interface Html {
  readonly html: string
}

export type Content = Html | string | number | undefined | readonly Content[]

export const html = (parts: TemplateStringsArray, ...values: readonly Content[]): Html => ({
  html: parts.map((part, i) => part + textOf(values[i])).join(''),
})

/** What was made here and holds no text of a host: styles, scripts, plots. */
export const trusted = (text: string): Html => ({ html: text })

function textOf(content: Content): string {
  if (content === undefined) return ''
  if (typeof content === 'object') {
    return isHtml(content) ? content.html : content.map(textOf).join('')
  }
  return escaped(String(content))
}

const isHtml = (content: Html | readonly Content[]): content is Html => 'html' in content

/** Also safe within a quoted attribute. */
export const escaped = (text: string): string =>
  clean(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
