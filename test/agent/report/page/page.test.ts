import { createHash } from 'node:crypto'
import { parseHTML } from 'linkedom'
import t from 'tap'
import { reportPage } from '../../../../agent/report/page/page.ts'
import { START_MS } from '../../../support/findings.ts'
import { aReport } from '../../../support/report-input.ts'

/** As much of it as is looked at. */
interface Element {
  readonly textContent: string | null
  getAttribute(name: string): string | null
}

const documentOf = (...args: Parameters<typeof aReport>) =>
  parseHTML(reportPage(aReport(...args))).document

t.test('a report has its findings, what was not seen, and how many more there are', async (t) => {
  const document = documentOf(
    [{ risk: 83 }, { disposition: 'known' }, { disposition: 'inbound-crowd' }],
    {
      untold: 7,
      losses: [{ source: 'linux.audit', what: '12 records never reached us' }],
      gaps: [{ fromMs: START_MS, toMs: START_MS + 60_000, reason: 'restart' }],
    },
  )
  t.equal(document.querySelectorAll('article').length, 3)
  const text = document.body.textContent ?? ''
  for (const part of [
    '12 records never reached us',
    '1 blind spans, 1 min',
    '7 more of less risk',
  ]) {
    t.match(text, part)
  }
  const tiles = Array.from(
    document.querySelectorAll('.tiles li'),
    (tile: Element) => tile.textContent,
  )
  t.strictSame(tiles, ['1to look at', '0of little risk', '1known', '0allowed'])
  const states = Array.from(document.querySelectorAll('input[name=state]'), (box: Element) =>
    box.getAttribute('value'),
  )
  t.strictSame(states, ['alert', 'known', 'left out'])
})

t.test('its policy allows its own script, and nothing else', async (t) => {
  const document = documentOf()
  const policy = document.querySelector('meta[http-equiv]')?.getAttribute('content') ?? ''
  const scripts = Array.from(
    document.querySelectorAll('script'),
    (one: Element) => one.textContent ?? '',
  )
  t.equal(scripts.length, 1)
  const hash = createHash('sha256')
    .update(scripts[0] ?? '')
    .digest('base64')
  t.match(policy, `script-src 'sha256-${hash}'`)
  t.match(policy, /^default-src 'none'/)
  t.notMatch(reportPage(aReport()), /\b(?:src|href)="(?!#)/, 'nothing is asked for')
})

t.test('it can be read without eyes', async (t) => {
  const document = documentOf()
  t.equal(document.documentElement?.getAttribute('lang'), 'en')
  for (const svg of document.querySelectorAll('svg')) t.ok(svg.getAttribute('aria-label'))
  for (const control of document.querySelectorAll('form input, form select')) {
    t.ok(control.closest('label'), 'each control has its label')
  }
  t.match(document.querySelector('#shown')?.getAttribute('role'), 'status')
})

t.test('nothing recurs', async (t) => {
  t.match(documentOf([]).body.textContent, 'Nothing recurs.')
  t.match(documentOf([]).body.textContent, 'No loss and no blind span')
})
