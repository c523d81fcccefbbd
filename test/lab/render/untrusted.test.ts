/** What is kept of HTML, figures and addresses of strangers; what must go is the subject of hostile-page.test.ts. */
import { beforeAll, describe, expect, it } from "vitest";
import { safeLink } from "../../../src/lab/render/addresses.js";
import { untrustedFigure } from "../../../src/lab/render/frames.js";
import { createSanitiser, isTooDeep, type Sanitise, safeStyle } from "../../../src/lab/render/sanitise.js";
import { tableHtml } from "../../../src/lab/views/format.js";

const png = "data:image/png;base64,iVBORw0KGgo=";

describe("sanitised HTML", () => {
  let sanitise: Sanitise;
  beforeAll(async () => {
    sanitise = await createSanitiser();
  });

  it.each([
    "<h2>head</h2><p>a <b>b</b> <code>c</code> <i>d</i><br>e</p>",
    '<ul><li>one</li><li>two</li></ul><details open=""><summary>more</summary>text</details>',
    `<img alt="chart" src="${png}">`,
    '<a href="https://example.com/x?y=1#z" rel="noopener noreferrer">link</a>',
    '<p style="color:red;text-align:right;padding:2px 10px">styled</p>',
    '<svg width="9" height="9" viewBox="0 0 9 9"><circle cx="4" cy="4" r="3" fill="red"></circle></svg>',
    '<svg><defs><linearGradient id="user-content-g"><stop offset="0" stop-color="red"></stop></linearGradient></defs><rect fill="url(#user-content-g)"></rect></svg>',
    "<math><mi>x</mi><mo>=</mo><mn>1</mn></math>",
  ])("keeps %s", (html) => {
    expect(sanitise(html.replaceAll("user-content-", ""))).toBe(html);
  });

  it("keeps this library's tables as they are", () => {
    const html = tableHtml({
      caption: "A table",
      columns: [{ name: "name" }, { name: "value", digits: 3 }],
      rows: [
        ["a <b>", 0.5],
        ["b", null],
      ],
    });
    const plain = (text: string): string =>
      text
        .replace(/\s*([:;,])\s*/g, "$1")
        .replaceAll("&quot;", '"')
        .replaceAll("&#39;", "'");
    expect(plain(sanitise(html)).replace(/;"/g, '"')).toBe(plain(html).replace(/;"/g, '"'));
  });

  it("puts a link where a picture would have to be loaded", () => {
    expect(sanitise('<img src="https://example.com/a.png" alt="a chart">')).toBe(
      '<a href="https://example.com/a.png" rel="noopener noreferrer">[picture: a chart]</a>',
    );
    expect(sanitise('<img src="javascript:1" alt="<b>">')).toBe("<span>[picture: &lt;b&gt;]</span>");
    expect(sanitise('<img src="attachment:a">', () => png)).toBe(`<img src="${png}">`);
  });
});

it.each([
  ["https://example.com", "https://example.com/"],
  [" http://example.com/a b", "http://example.com/a%20b"],
  ["mailto:a@example.com", "mailto:a@example.com"],
  ["other.html#part", "other.html#part"],
  ["../data/log.csv", "../data/log.csv"],
  ["?page=2", "?page=2"],
  ["javascript:1", null],
  ["java\nscript:1", null],
  ["\u0001javascript:1", null],
  ["data:text/html,x", null],
  ["file:///etc/passwd", null],
  ["//host/share", null],
  ["\\\\host\\share", null],
  ["/root", null],
  ["a\\b", null],
  ["blob:https://x/y", null],
])("the link %j is %j", (given, kept) => {
  expect(safeLink(given)).toBe(kept);
});

it.each([
  ["color: red; position: fixed", "color:red"],
  ["background: url(x)", ""],
  ["background:\\75rl(x)", ""],
  ["width: calc(1px + 2em); color: rgba(1, 2, 3, .5)", "width:calc(1px + 2em);color:rgba(1, 2, 3, .5)"],
  ["color: red !important", ""],
  ["color:expression(1);font-family:'DejaVu Sans', serif", "font-family:'DejaVu Sans', serif"],
  ["color:r/**/ed", ""],
])("the style %j is %j", (given, kept) => {
  expect(safeStyle(given)).toBe(kept);
});

it.each([
  ["<div>".repeat(300), true],
  ["<div><!--</div>-->".repeat(300), true],
  ['<div title="</div>">'.repeat(300), true],
  ['<div "></div'.repeat(300), false],
  ["<div><title></div></title>".repeat(300), true],
  ["<b></i>".repeat(300), true],
  [`<svg><title>${"<div>".repeat(300)}`, true],
  [`<script>${"<div>".repeat(300)}</script>`, true],
  [`<table><tr>${"<td>x".repeat(5_000)}</table>`, false],
  [`<ul>${"<li>x".repeat(5_000)}</ul>`, false],
  ["<div><p>x</p></div>".repeat(5_000), false],
  [`<svg>${"<path d='M0 0'/><g><title>t</title></g>".repeat(5_000)}</svg>`, false],
  ["a < b > c < ".repeat(5_000), false],
])("HTML that nests is too deep or not, case %#", (html, deep) => {
  expect(isTooDeep(html)).toBe(deep);
});

describe("a figure", () => {
  it("of this library keeps all but the logo's setting", () => {
    const figure = {
      data: [{ type: "bar", x: ["a"], y: [1], hovertemplate: "<b>%{x}</b><extra></extra>" }],
      layout: { title: { text: "a <i>title</i>" }, annotations: [{ text: '<span style="color:red">x</span>' }] },
      config: { responsive: true, typesetMath: false, displayModeBar: "hover", displaylogo: false },
    };
    expect(untrustedFigure(figure)).toEqual(figure);
  });

  it.each([
    [null],
    ["x"],
    [[]],
    [{ data: 5 }],
    [{ data: [null] }],
    [{ layout: [] }],
    [{ data: [{ type: "scattergeo" }] }],
  ])("%j is none", (value) => {
    expect(untrustedFigure(value)).toBeNull();
  });
});
