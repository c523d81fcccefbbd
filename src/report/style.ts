/** The style of a report: one column, light and dark mode, phone widths, and print. */

/** CSS of the page. */
export const reportStyle = `
:root { color-scheme: light dark; --ink: #1d2129; --paper: #fff; --soft: #f4f5f7; --line: #dfe2e7; --dim: #5b6370; --link: #1d4ed8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e5e7eb; --paper: #111; --soft: #1c2027; --line: #343a46; --dim: #9ca3af; --link: #93c5fd; } }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
header, main, footer { max-width: 60rem; margin: 0 auto; padding: 0 clamp(1rem, 3vw, 2rem); }
header { padding-top: 1.5rem; } footer { padding-bottom: 3rem; color: var(--dim); font-size: .875rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; padding-top: .75rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.75rem 0 .25rem; } p { margin: .4rem 0; } .dim { color: var(--dim); }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; list-style: none; padding: 0; margin: .75rem 0; }
a { color: var(--link); }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .6rem; margin: 1rem 0; padding: 0; list-style: none; }
.tiles li { background: var(--soft); border-radius: .5rem; padding: .6rem .8rem; }
.tiles b { display: block; font-size: 1.35rem; font-variant-numeric: tabular-nums; line-height: 1.2; }
.tiles span { color: var(--dim); font-size: .8125rem; }
figure { margin: 1.25rem 0; } figcaption { font-weight: 600; margin-bottom: .25rem; }
.plot img { max-width: 100%; height: auto; display: block; border-radius: .25rem; }
.drawn .still { display: none; }
details { margin: .4rem 0; } summary { cursor: pointer; color: var(--dim); font-size: .875rem; }
pre { font: .8125rem/1.5 ui-monospace, Menlo, Consolas, monospace; background: var(--soft); border: 1px solid var(--line);
  border-radius: .4rem; padding: .6rem .8rem; overflow-x: auto; max-height: 30rem; overflow-wrap: normal; }
[role=region] { margin: .5rem 0; } [role=region]:focus-visible { outline: 2px solid var(--link); }
.suggestions { padding-left: 2rem; } .suggestions li { margin: .75rem 0; } .suggestions b { display: block; }
dl { display: grid; grid-template-columns: minmax(6rem, auto) 1fr; gap: .2rem 1rem; } dt { color: var(--dim); } dd { margin: 0; }
@media print {
  :root { color-scheme: light; --ink: #000; --paper: #fff; --soft: #f4f5f7; --line: #ccc; --dim: #444; --link: #000; }
  @page { margin: 14mm; }
  body { font-size: 10.5pt; } header, main, footer { max-width: none; padding: 0; } nav, .live, summary { display: none; }
  .drawn .still { display: block; width: 100%; } figure, .tiles li, .suggestions li, tr { break-inside: avoid; }
  h2 { break-after: avoid; } pre { max-height: none; white-space: pre-wrap; } .numbers, .config { display: none; }
  [role=region] table { font-size: 8pt !important; } [role=region] th, [role=region] td { white-space: normal !important; padding: 1px 5px !important; }
}
`;
