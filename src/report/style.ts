/** The style of a report: one column, light and dark mode, phone widths, and print. */

/** CSS of the page. */
export const reportStyle = `
:root { color-scheme: light dark; --ink: #1d2129; --paper: #fff; --soft: #f4f5f7; --line: #dfe2e7; --dim: #5b6370; --link: #1d4ed8;
  --serious: #b42318; --moderate: #b45309; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e5e7eb; --paper: #111; --soft: #1c2027; --line: #343a46; --dim: #9ca3af; --link: #93c5fd;
  --serious: #f97066; --moderate: #fdb022; } }
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
.still { display: block; } .still img { max-width: 100%; height: auto; display: block; border-radius: .25rem; }
.drawn .still { display: none; }
.verdict { font-size: 1.2rem; line-height: 1.4; margin: .5rem 0 1rem; }
.part > summary { margin: .5rem 0; } .part > summary h2 { display: inline; padding: 0; border: 0; color: var(--ink); }
.part:has(> summary h2) { margin-top: 2rem; padding-top: .75rem; border-top: 1px solid var(--line); }
details { margin: .4rem 0; } summary { cursor: pointer; color: var(--dim); font-size: .875rem; }
pre { font: .8125rem/1.5 ui-monospace, Menlo, Consolas, monospace; background: var(--soft); border: 1px solid var(--line);
  border-radius: .4rem; padding: .6rem .8rem; overflow-x: auto; max-height: 30rem; overflow-wrap: normal; }
table { overflow-wrap: break-word; } th[aria-sort=ascending]::after { content: " ▲"; } th[aria-sort=descending]::after { content: " ▼"; }
@media (max-width: 650px) {
  [role=region] th, [role=region] td { white-space: normal !important; min-width: 0 !important; padding: 2px 6px !important; }
  [role=region] :is(th, td):first-child { position: sticky; left: 0; background: var(--paper); }
  caption { max-width: calc(100vw - 3rem); } }
[role=region] { margin: .5rem 0; } [role=region]:focus-visible { outline: 2px solid var(--link); }
.suggestions { padding: 0; list-style: none; } .suggestions b { display: block; }
.suggestions li { margin: .75rem 0; padding-left: .75rem; border-left: .25rem solid var(--line); }
.suggestions .serious { border-color: var(--serious); } .suggestions .moderate { border-color: var(--moderate); }
dl { display: grid; grid-template-columns: minmax(6rem, auto) 1fr; gap: .2rem 1rem; } dt { color: var(--dim); } dd { margin: 0; }
@media print {
  :root { color-scheme: light; --ink: #000; --paper: #fff; --soft: #f4f5f7; --line: #ccc; --dim: #444; --link: #000; }
  @page { margin: 14mm; }
  body { font-size: 10.5pt; orphans: 3; widows: 3; } header, main, footer { max-width: none; padding: 0; }
  nav, .live, .numbers { display: none; }
  details::details-content { content-visibility: visible; display: block; height: auto; }
  details > :not(summary) { display: block; } summary { list-style: none; }
  .drawn .still { display: block; } .still img { width: 100%; max-height: 225mm; object-fit: contain; object-position: left; }
  figure, .tiles, .tiles li, .suggestions li, tr, .verdict { break-inside: avoid; }
  h1, h2, h3, h2 + p, figcaption, caption, summary { break-after: avoid; } thead { display: table-header-group; }
  h2 { margin-top: 1.5rem; } pre { max-height: none; white-space: pre-wrap; }
  [role=region] { overflow: visible !important; } [role=region] table { font-size: 8pt !important; }
  [role=region] th, [role=region] td { white-space: normal !important; min-width: 0 !important; padding: 1px 5px !important; overflow-wrap: normal; }
}
`;
