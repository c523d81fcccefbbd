import MarkdownIt from "markdown-it";
import { describe, expect, test } from "vitest";
import { escapeHtml, scriptJson } from "../../../src/core/util/escape.js";
import { bulletsMarkdown, type Table, tableHtml, tableMarkdown, tableText } from "../../../src/lab/views/format.js";

const table: Table = {
  caption: "Evaluation <1>",
  columns: [{ name: "task" }, { name: "rows" }, { name: "AUC", digits: 4 }, { name: "positive", percent: true }],
  rows: [
    ["ctr", 1234567, 0.71239, 0.0512],
    ["<i>cvr</i>", 20, null, 1],
  ],
};

describe("a table", () => {
  test("as text lines its numbers up and shows gaps", () => {
    expect(tableText(table)).toBe(
      [
        "Evaluation <1>",
        "task             rows     AUC  positive",
        "──────────  ─────────  ──────  ────────",
        "ctr         1,234,567  0.7124      5.1%",
        "<i>cvr</i>         20       –    100.0%",
      ].join("\n"),
    );
  });

  test("as HTML escapes every name and value, and aligns numbers at the right", () => {
    const html = tableHtml(table);
    expect(html).toContain("&lt;i&gt;cvr&lt;/i&gt;");
    expect(html).toContain("Evaluation &lt;1&gt;</caption>");
    expect(html).not.toContain("<i>");
    expect(html).toMatch(/<td style="text-align:right[^"]*">1,234,567<\/td>/);
    expect(html).toMatch(/<td style="text-align:left[^"]*">ctr<\/td>/);
  });

  test("a column that says how it is aligned is, whatever its cells are", () => {
    const html = tableHtml({
      columns: [{ name: "seed", align: "left" }, { name: "task" }, { name: "note", align: "right" }],
      rows: [[7, "ctr", "late"]],
    });
    const aligns = ["7", "ctr", "late"].map(
      (text) => new RegExp(`<td style="text-align:(\\w+)[^"]*">${text}<`).exec(html)?.[1],
    );
    expect(aligns).toEqual(["left", "left", "right"]);
  });

  test("as HTML wraps long texts and headings, and nothing else", () => {
    const advice = "train longer: the AUC still rises at the last evaluation";
    const html = tableHtml({
      columns: [{ name: "a long heading of a number" }, { name: "what may help" }, { name: "verdict" }],
      rows: [[0.5, advice, "within noise"]],
    });
    const whiteSpace = (text: string): string | undefined =>
      new RegExp(`<t[dh][^>]*?(?:white-space:(\\w+)[^>]*)?>${text}<`).exec(html)?.[1];
    expect(["0.5", advice, "within noise"].map(whiteSpace)).toEqual(["nowrap", "normal", "nowrap"]);
    expect(html).toContain(">a long heading of a number</th>");
    expect(whiteSpace("a long heading of a number")).toBeUndefined();
  });

  test("in Markdown, as sentences are, is that text and no markup", () => {
    const texts = [
      "<img src=x>&lt;",
      "![a](javascript:b)|c\\|",
      "# h",
      "1) one",
      "1. one",
      "- a",
      "===",
      "> q",
      "~~~ `x` $y$ *z* _z_ ~~w~~",
      "a\n\n# b\n| c |",
      "\u001b[2J\u009b\u202e",
    ];
    const markdown = new MarkdownIt({ html: true, linkify: true });
    const shown = (html: string): string => html.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
    const list = markdown.render(bulletsMarkdown(texts));
    const rows = markdown.render(tableMarkdown({ columns: [{ name: "n" }], rows: texts.map((text) => [text]) }));
    for (const [html, tag] of [
      [list, "li"],
      [rows, "td"],
    ] as const) {
      const items = [...html.matchAll(new RegExp(`<${tag}[^>]*>(.*)</${tag}>`, "g"))].map(([, item]) => item as string);
      expect(items.filter((item) => /<|\p{Cc}|\u202e/u.test(item))).toEqual([]);
      expect(items.map(shown)).toEqual([...texts.slice(0, -2), "a # b | c |", "\\u001b[2J\\u009b\\u202e"]);
    }
  });

  test("as text and HTML shows what a terminal would obey and what turns text around", () => {
    const hostile = { caption: "\u001b[2J", columns: [{ name: "\u202ea" }], rows: [["\u009b\u0007\r\n b"]] };
    expect(tableText(hostile)).toMatch(/^\\u001b\[2J\n\\u202ea\n─+\n\\u009b\\u0007 b$/);
    expect(tableHtml(hostile)).toContain(">\\u202ea<");
    expect(tableHtml(hostile)).not.toMatch(/[\p{Bidi_Control}]|(?![\r\n])\p{Cc}/u);
  });

  test("says how many rows it leaves out", () => {
    const long = { columns: [{ name: "n" }], rows: Array.from({ length: 1205 }, (_, n) => [n]) };
    expect(tableText(long, { maxRows: 5 }).split("\n").at(-1)).toBe("… 1,200 more rows");
    expect(tableHtml(long, { maxRows: 5 })).toContain("… 1,200 more rows");
    expect(tableHtml(long, { maxRows: 5 }).match(/<tr>/g)).toHaveLength(1 + 5 + 1);
  });

  test.each([
    [0, "0"],
    [-1234.5, "−1,234.5"],
    [0.000012, "1.200e-5"],
    [1234567.8, "1.235e+6"],
    [2 / 3, "0.6667"],
    [Number.NaN, "NaN"],
    [true, "yes"],
  ])("shows %s as %s", (cell, text) => {
    expect(
      tableText({ columns: [{ name: "v" }], rows: [[cell]] })
        .split("\n")
        .at(-1)
        ?.trim(),
    ).toBe(text);
  });
});

test("HTML and script contents are escaped", () => {
  expect(escapeHtml(`<a href="x" id='y'>&`)).toBe("&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;");
  expect(scriptJson({ name: "</script>\u2028" })).toBe('{"name":"\\u003c/script\\u003e\\u2028"}');
});
