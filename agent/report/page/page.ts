/**
 * The report: one HTML file that needs nothing else. Pure: findings in, text out. Its policy allows the
 * one script that is in it and no request, so that even a text that slipped through could do nothing.
 */
import { createHash } from 'node:crypto'
import type { EpochMs } from '../../../platform/event.ts'
import type { Gap } from '../../../storage/series.ts'
import { countText, durationText, timeText } from '../text.ts'
import type { ToldFinding } from '../told-finding.ts'
import { article, stateOf } from './article.ts'
import { type Content, type Html, html, trusted } from './html.ts'
import { SCRIPT } from './script.ts'
import { STYLE } from './style.ts'

export interface ReportInput {
  /** `web1`, or what was hunted in. */
  readonly subject: string
  /** What it is a report of, one line. */
  readonly source: string
  readonly madeMs: EpochMs
  readonly version: string
  readonly timeZone: string
  readonly findings: readonly ReportedFinding[]
  /** Findings that are not told, for their number. */
  readonly untold: number
  /** What was not seen: sources with their losses. */
  readonly losses: readonly { readonly source: string; readonly what: string }[]
  readonly gaps: readonly Gap[]
}

export interface ReportedFinding {
  readonly told: ToldFinding
  /** When a beat was due, over the span of those kept. */
  readonly expectedMs: readonly EpochMs[]
  /** The job's definition as it is now, with its lines numbered. */
  readonly definition?: string | undefined
}

const MAX_GAPS = 100

export function reportPage(input: ReportInput): string {
  const { subject, source, madeMs, timeZone, version, findings, untold } = input
  const states = [...new Set(findings.map(({ told }) => stateOf(told)))]
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hashOf(SCRIPT)}'; base-uri 'none'; form-action 'none'`
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Tidewatch: recurring transfers of ${subject}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<a class="skip" href="#findings">Skip to the findings</a>
<header>
<h1>Recurring transfers of ${subject}</h1>
<p class="dim">${source}. Made ${timeText(madeMs)} by Tidewatch ${version}; times of day are in ${timeZone}.</p>
${tiles(findings)}
</header>
<main>
${lossSection(input)}
<h2>Findings</h2>
${filterForm(states)}
<p id="shown" class="dim" role="status">${countText(findings.length)} shown</p>
<div id="findings">
${findings.map((one, i) => article(one, timeZone, i === 0))}
</div>
${findings.length === 0 ? html`<p>Nothing recurs.</p>` : undefined}
${untold > 0 ? html`<p class="warning">${countText(untold)} more of less risk are not told: ask for more with --limit.</p>` : undefined}
</main>
<footer><p>MITRE ATT&amp;CK T1029, Scheduled Transfer. A finding says what recurs and how that is known; whether it may is for
the owner of the host to say.</p></footer>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`
  return page.html
}

/** Of the script as it stands in the page. */
const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64')

function tiles(findings: readonly ReportedFinding[]): Html {
  const count = (state: string): number =>
    findings.filter(({ told }) => stateOf(told) === state).length
  const all: readonly (readonly [number, string])[] = [
    [count('alert'), 'to look at'],
    [count('quiet'), 'of little risk'],
    [count('known') + count('learning'), 'known'],
    [count('allowed'), 'allowed'],
  ]
  return html`<ul class="tiles">${all.map(([number, what]) => html`<li><b>${number}</b>${what}</li>`)}</ul>`
}

function lossSection({ losses, gaps }: ReportInput): Content {
  if (losses.length === 0 && gaps.length === 0) {
    return html`<h2>What was not seen</h2><p>No loss and no blind span is known of.</p>`
  }
  const blindMs = gaps.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)
  const newest = gaps.slice(-MAX_GAPS)
  return html`<h2>What was not seen</h2>
<p class="warning">A beat that is missing in a blind span is not known to be missing.</p>
${
  losses.length === 0
    ? undefined
    : html`<table><thead><tr><th>Source</th><th>Loss</th></tr></thead><tbody>${losses.map(
        ({ source, what }) => html`<tr><td>${source}</td><td>${what}</td></tr>`,
      )}</tbody></table>`
}
${
  gaps.length === 0
    ? undefined
    : html`<details><summary>${countText(gaps.length)} blind spans, ${durationText(blindMs)} in all</summary>
<div class="body"><table><thead><tr><th>From</th><th>To</th><th>For</th><th>Why</th></tr></thead><tbody>${newest.map(
        ({ fromMs, toMs, reason }) =>
          html`<tr><td>${timeText(fromMs)}</td><td>${timeText(toMs)}</td><td>${durationText(toMs - fromMs)}</td><td>${reason}</td></tr>`,
      )}</tbody></table></div></details>`
}`
}

/** Hidden until the script is there to do what it says. */
const filterForm = (states: readonly string[]): Html => html`<form id="filters" hidden>
<label>Find <input type="search" name="words" placeholder="program, user, destination" autocomplete="off"></label>
<label>Least risk <select name="risk">${[0, 20, 40, 60, 80].map(
  (risk) => html`<option value="${risk}">${risk === 0 ? 'any' : risk}</option>`,
)}</select></label>
<label>Order <select name="order"><option value="risk">by risk</option><option value="last">by last transfer</option><option value="bytes">by bytes sent</option></select></label>
<fieldset><legend>State</legend>${states.map(
  (state) =>
    html`<label><input type="checkbox" name="state" value="${state}" checked> ${state}</label>`,
)}</fieldset>
<button type="button" id="open" aria-pressed="false">Open all</button>
<button type="reset">Reset</button>
</form>`
