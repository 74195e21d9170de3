/** One finding in the report: a summary line, and below it plots, job, lineage, evidence. Pure. */
import { allowLines } from '../allow-lines.ts'
import { destinationText, dispositionText, sentenceOf, userText } from '../explain-view.ts'
import { bytesText, countText, durationText, timeText } from '../text.ts'
import type { ToldFinding } from '../told-finding.ts'
import { type Content, type Html, html } from './html.ts'
import type { ReportedFinding } from './page.ts'
import { histogramPlot, rasterPlot, volumePlot } from './plots.ts'

const HIGH_RISK = 70
const SOME_RISK = 40
const STATES: ReadonlySet<string> = new Set(['alert', 'known', 'allowed', 'quiet', 'learning'])

/** What filters go by: what a hunt left out is one state, whatever the reason. */
export const stateOf = ({ disposition }: ToldFinding): string =>
  STATES.has(disposition) ? disposition : 'left out'

export function article(
  { told, expectedMs, definition }: ReportedFinding,
  timeZone: string,
  isOpen: boolean,
): Html {
  const times = told.observations.map(({ atMs }) => atMs)
  const level = told.risk >= HIGH_RISK ? 'high' : told.risk >= SOME_RISK ? 'some' : 'low'
  const histogram = histogramPlot(times)
  const volume = volumePlot(told.observations, timeZone)
  return html`<article id="finding-${told.id}" data-risk="${Math.round(told.risk)}" data-last="${told.lastMs}" data-bytes="${told.sentBytes ?? 0}" data-state="${stateOf(told)}" data-text="${searchText(told)}">
<details${isOpen ? html` open` : undefined}><summary>
<span class="risk ${level}"><span class="skip">risk </span>${Math.round(told.risk)}</span>
<span class="what">${told.form ?? told.verdict}: ${told.actor ?? told.sourceIp ?? 'unknown'} to ${destinationText(told)}</span>
<span class="tag">${told.disposition}</span>
<span class="more">${moreText(told)}</span>
</summary><div class="body">
<p>${sentenceOf(told)}</p>
<p class="dim">${dispositionText(told.disposition)}; id ${told.id}</p>
${
  times.length === 0
    ? undefined
    : html`<h3>When it came</h3><figure>${rasterPlot({ timesMs: times, gaps: told.gaps, expectedMs, timeZone })}
<figcaption>${key('mark')} a transfer${expectedMs.length > 0 ? html` ${key('expected')} when it was due` : undefined}${told.gaps.length > 0 ? html` ${key('blind')} we were blind` : undefined}</figcaption></figure>`
}
${histogram && html`<h3>From one to the next</h3><figure>${histogram}</figure>`}
<h3>Volume</h3>
${volume === undefined ? html`<p>Bytes were not counted.</p>` : html`<figure>${volume}</figure>`}
${nextText(told)}
${jobSection(told, definition)}
${lineageSection(told)}
${evidenceTable('Why it matters', 'points', told.factors)}
${evidenceTable('How we know that it recurs', 'log-odds', told.evidence)}
${allowLines(told).map(
  ({ meaning, lines }) =>
    html`<h3>To allow it: ${meaning}</h3><pre>${lines.map((line) => html`${line}\n`)}</pre>`,
)}
</div></details>
</article>
`
}

/** Lower case: what the search looks in. */
const searchText = (told: ToldFinding): string =>
  [
    ...[told.id, told.host, told.actor, told.user?.name, told.user?.id, told.form, told.sourceIp],
    ...[destinationText(told), told.destination.ip, told.schedule?.file, told.schedule?.id],
    ...told.lineage.flatMap(({ executable, args }) => [executable, ...(args ?? [])]),
  ]
    .filter((text) => text !== undefined)
    .join(' ')
    .toLowerCase()

function moreText(told: ToldFinding): string {
  const { user, host, beats, sentBytes, lastMs, schedule, direction } = told
  return [
    ...(host === undefined ? [] : [`on ${host}`]),
    ...(user === undefined ? [] : [`as ${userText(user)}`]),
    ...(schedule === undefined ? [] : [`by ${schedule.scheduler}`]),
    `${countText(beats)} times`,
    sentBytes === undefined ? 'bytes not counted' : `${bytesText(sentBytes)} sent`,
    ...(direction === undefined ? [] : [direction]),
    `last ${timeText(lastMs)}`,
  ].join(', ')
}

const key = (name: string): Html =>
  html`<span class="key" style="background: var(--${name})"></span>`

function nextText({ next }: ToldFinding): Content {
  if (next === undefined) return undefined
  const within = next.toleranceMs > 0 ? ` ± ${durationText(next.toleranceMs)}` : ''
  return html`<h3>Next expected</h3><p>${timeText(next.atMs)}${within}</p>`
}

function jobSection({ schedule, isStarter }: ToldFinding, definition: string | undefined): Content {
  if (schedule === undefined) return html`<h3>Job</h3><p>None is known.</p>`
  const { scheduler, file, line, id, trigger, command } = schedule
  const place = file === undefined ? id : line === undefined ? file : `${file}:${line}`
  return html`<h3>Job</h3>
<p>${scheduler}, ${place}; ${isStarter ? 'it was seen to start the sender' : 'its times are those that the transfers follow'}</p>
<pre>${trigger === undefined ? command : `${trigger}  ${command}`}</pre>
${definition === undefined ? undefined : html`<p class="dim">as it is written now:</p><pre>${definition.split('\n').map((text) => html`${text}\n`)}</pre>`}`
}

function lineageSection({ lineage, user, loginUser, sourceIp, datasets }: ToldFinding): Content {
  const facts = [
    ...(user === undefined ? [] : [`user ${userText(user)}`]),
    ...(loginUser === undefined ? [] : [`logged in as ${userText(loginUser)}`]),
    ...(sourceIp === undefined ? [] : [`from ${sourceIp}`]),
    ...(datasets.length === 0 ? [] : [`seen by ${datasets.join(', ')}`]),
  ]
  if (lineage.length === 0 && facts.length === 0) return undefined
  const rows = lineage.toReversed().map(({ pid, executable, name, args }, depth) => {
    const branch = depth === 0 ? '' : `${'   '.repeat(depth - 1)}└─ `
    return html`${branch}${pid} ${args?.join(' ') ?? executable ?? name ?? '?'}\n`
  })
  return html`<h3>Sender</h3>${rows.length === 0 ? undefined : html`<pre>${rows}</pre>`}<p>${facts.join(', ')}</p>`
}

function evidenceTable(title: string, unit: string, all: ToldFinding['evidence']): Content {
  if (all.length === 0) return undefined
  return html`<h3>${title}</h3><table><thead><tr><th class="number">${unit}</th><th>what</th><th>value</th></tr></thead><tbody>${all.map(
    ({ weight, meaning, name, value }) =>
      html`<tr><td class="number">${weight > 0 ? '+' : ''}${weight.toFixed(1)}</td><td>${meaning} <span class="dim">${name}</span></td><td class="value">${typeof value === 'number' ? Math.round(value * 1_000) / 1_000 : value}</td></tr>`,
  )}</tbody></table>`
}
