/**
 * What the report does by itself: it filters and sorts what is on the page, says how many are left, and
 * opens all of it for the printer. Without a script everything is shown.
 */
export const SCRIPT = `
'use strict'
const form = document.getElementById('filters')
const list = document.getElementById('findings')
const status = document.getElementById('shown')
const articles = Array.from(list.querySelectorAll('article'))
form.hidden = false
const by = {
  risk: (a, b) => Number(b.dataset.risk) - Number(a.dataset.risk),
  last: (a, b) => Number(b.dataset.last) - Number(a.dataset.last),
  bytes: (a, b) => Number(b.dataset.bytes) - Number(a.dataset.bytes),
}
function apply() {
  const words = form.elements.words.value.toLowerCase().split(/\\s+/).filter(Boolean)
  const least = Number(form.elements.risk.value)
  const states = new Set(Array.from(form.querySelectorAll('input[name=state]:checked'), (box) => box.value))
  let shown = 0
  for (const article of articles) {
    const text = article.dataset.text
    const fits = states.has(article.dataset.state) && Number(article.dataset.risk) >= least &&
      words.every((word) => text.includes(word))
    article.hidden = !fits
    if (fits) shown++
  }
  list.append(...articles.toSorted(by[form.elements.order.value]))
  status.textContent = shown + ' of ' + articles.length + ' shown'
}
form.addEventListener('input', apply)
form.addEventListener('reset', () => requestAnimationFrame(apply))
form.addEventListener('submit', (event) => event.preventDefault())
document.getElementById('open').addEventListener('click', (event) => {
  const open = event.target.getAttribute('aria-pressed') !== 'true'
  event.target.setAttribute('aria-pressed', String(open))
  for (const details of list.querySelectorAll('details')) details.open = open
})
let closed = []
addEventListener('beforeprint', () => {
  closed = Array.from(list.querySelectorAll('details:not([open])'))
  for (const details of closed) details.open = true
})
addEventListener('afterprint', () => { for (const details of closed) details.open = false })
apply()
`
