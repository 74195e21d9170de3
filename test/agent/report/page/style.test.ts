import t from 'tap'
import { STYLE } from '../../../../agent/report/page/style.ts'

/** WCAG 2.2, 1.4.3: text of usual size. */
const LEAST_CONTRAST = 4.5

const colors = (block: string): Map<string, string> =>
  new Map(
    Array.from(block.matchAll(/--([a-z]+): (#[0-9a-f]{3,6})/g), ([, name = '', color = '']) => [
      name,
      color,
    ]),
  )

function luminance(color: string): number {
  const hex = color.length === 4 ? color.replace(/[0-9a-f]/g, '$&$&') : color
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

const contrast = (one: string, other: string): number => {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

for (const [name, block] of Object.entries({
  light: STYLE.slice(0, STYLE.indexOf('@media (prefers-color-scheme: dark)')),
  dark: /prefers-color-scheme: dark\) \{.*?\n\}/s.exec(STYLE)?.[0] ?? '',
  print: /@media print \{.*?\n\}/s.exec(STYLE)?.[0] ?? '',
})) {
  t.test(`every text can be read: ${name}`, async (t) => {
    const all = colors(block)
    for (const text of ['text', 'dim', 'high', 'some', 'low', 'mark']) {
      for (const ground of ['page', 'card']) {
        const ratio = contrast(all.get(text) ?? '', all.get(ground) ?? '')
        t.ok(ratio >= LEAST_CONTRAST, `${text} on ${ground}: ${ratio.toFixed(1)}`)
      }
    }
  })
}
