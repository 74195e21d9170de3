/** The looks of the report: one column, light and dark by the reader's setting, ink alone in print. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #fbfaf8; --card: #fff; --text: #1d2430; --dim: #5b6472; --line: #dfe2e7;
  --mark: #0b63b5; --expected: #f3c98b; --blind: #cfd3da; --high: #b3261e; --some: #8a5a00; --low: #2c6e49;
  --focus: #0b63b5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161d; --card: #1a2029; --text: #e6e9ef; --dim: #a2abb9; --line: #313a48;
    --mark: #7cb8f5; --expected: #7a5a22; --blind: #454e5c; --high: #ff8a80; --some: #f0c26a; --low: #7fd1a0;
    --focus: #7cb8f5;
  }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif }
main, header, footer { max-width: 60rem; margin: 0 auto; padding: 0 1.25rem }
header { padding-top: 2rem }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem }
h2 { font-size: 1.15rem; margin: 2rem 0 .75rem }
h3 { font-size: .85rem; margin: 1.25rem 0 .35rem; color: var(--dim); font-weight: 600 }
p { margin: .25rem 0 }
a { color: var(--mark) }
.dim, footer { color: var(--dim) }
.skip { position: absolute; left: -999rem }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem 1rem }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px }
.tiles { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1rem 0; padding: 0; list-style: none }
.tiles li { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .5rem 1rem }
.tiles b { display: block; font-size: 1.4rem; line-height: 1.2 }
form { display: flex; flex-wrap: wrap; gap: .75rem 1.25rem; align-items: end; background: var(--card);
  border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; margin: 1rem 0 }
label, legend { font-size: .85rem; color: var(--dim) }
fieldset { border: 0; padding: 0; margin: 0; display: flex; flex-wrap: wrap; gap: .25rem .9rem }
fieldset label { color: var(--text); font-size: .95rem }
button { font: inherit; font-size: .9rem; color: inherit; background: var(--page); cursor: pointer;
  border: 1px solid var(--line); border-radius: .35rem; padding: .3rem .75rem }
button[aria-pressed=true] { border-color: var(--mark); color: var(--mark) }
input[type=search], select { font: inherit; color: inherit; background: var(--page);
  border: 1px solid var(--line); border-radius: .35rem; padding: .3rem .5rem; display: block }
input[type=search] { width: 16rem; max-width: 100% }
article { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; margin: .75rem 0 }
summary { cursor: pointer; padding: .25rem 0 }
article summary { list-style: none; padding: .75rem 1rem; display: grid; gap: .1rem 1rem;
  grid-template-columns: 3.2rem 1fr auto; align-items: baseline }
article summary::-webkit-details-marker { display: none }
article .what::before { content: "▸ " / ""; color: var(--dim) }
article [open] > summary .what::before { content: "▾ " / "" }
summary .risk { font-size: 1.3rem; font-weight: 700; text-align: right }
summary .what { font-weight: 600; overflow-wrap: anywhere }
summary .more { grid-column: 2 / -1; color: var(--dim); overflow-wrap: anywhere }
.risk.high { color: var(--high) } .risk.some { color: var(--some) } .risk.low { color: var(--low) }
.tag { font-size: .8rem; border: 1px solid currentColor; border-radius: 1rem; padding: 0 .6rem; color: var(--dim) }
.body { padding: 0 1rem 1rem; border-top: 1px solid var(--line) }
.plot { display: block; max-width: 100%; height: auto; color: var(--text) }
figure { margin: 0; overflow-x: auto }
figcaption { color: var(--dim); font-size: .85rem }
.key { display: inline-block; width: .8rem; height: .8rem; border-radius: .15rem; vertical-align: -.1rem }
table { border-collapse: collapse; width: 100%; font-size: .92rem }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; overflow-wrap: anywhere }
td.value { min-width: 6rem }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
pre { background: var(--page); border: 1px solid var(--line); border-radius: .35rem; padding: .6rem .8rem;
  overflow-x: auto; font-size: .88rem; line-height: 1.45; margin: .35rem 0; white-space: pre-wrap; overflow-wrap: anywhere }
.warning { border-left: 4px solid var(--some); padding-left: .75rem }
[hidden] { display: none !important }
@media (max-width: 36rem) { article summary { grid-template-columns: 2.6rem 1fr } summary .tag { grid-column: 2 } }
@media print {
  :root { --page: #fff; --card: #fff; --text: #000; --dim: #444; --line: #bbb; --mark: #000;
    --expected: #ddd; --blind: #bbb; --high: #000; --some: #000; --low: #000 }
  body { font-size: 10.5pt }
  form, .skip { display: none }
  article { break-inside: avoid-page; border-color: #999 }
  main, header, footer { max-width: none }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth } }
`
