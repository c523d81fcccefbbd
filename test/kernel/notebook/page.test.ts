/** The stand-alone page of a notebook. */
import { JSDOM } from "jsdom";
import { describe, expect, it } from "vitest";
import type { Output } from "../../../src/kernel/notebook/format.js";
import { notebookHtml } from "../../../src/kernel/notebook/page.js";
import { cell, notebook } from "./notebook-files.js";

const png = "iVBORw0KGgo=";

function shown(data: Record<string, unknown>): Output {
  return { output_type: "display_data", data, metadata: {} };
}

async function page(...outputs: Output[]): Promise<{ html: string; document: Document }> {
  const code = { ...cell("const a = `<b>`; // note\nif (a < 'x') 1.5"), outputs, execution_count: 3 };
  const html = await notebookHtml(
    notebook(cell("# A *title*\n\n| a | b |\n|---|---|\n| 1 | 2 |", undefined, "markdown"), code),
  );
  return { html, document: new JSDOM(html).window.document };
}

describe("a notebook's page", () => {
  it("renders markdown and coloured code", async () => {
    const { document } = await page();
    expect(document.title).toBe("A title");
    expect(document.querySelector("h1 em")?.textContent).toBe("title");
    expect(document.querySelectorAll("td")).toHaveLength(2);
    expect(document.querySelector("pre.code")?.textContent).toBe("const a = `<b>`; // note\nif (a < 'x') 1.5");
    const kinds = [...document.querySelectorAll("pre.code span")].map((span) => [span.className, span.textContent]);
    expect(kinds).toEqual([
      ["keyword", "const"],
      ["template", "`<b>`"],
      ["comment", "// note"],
      ["keyword", "if"],
      ["string", "'x'"],
      ["number", "1.5"],
    ]);
  });

  it("has one packed plotly.js for two figures, their pictures as fallback, and their text cannot end the script", async () => {
    const figure = { data: [{ y: [1, 2], name: "</script><img src=x onerror=alert(1)>" }], layout: {} };
    const bundle = { "application/vnd.plotly.v1+json": figure, "image/png": png, "text/plain": "figure" };
    const { html, document } = await page(shown(bundle), shown(bundle));
    expect([...document.querySelectorAll("script[type='text/plain']")].map(({ id }) => id)).toEqual(["plotly"]);
    expect(html.length).toBeLessThan(0.8e6);
    const figures = [...document.querySelectorAll(".plotly")];
    expect(figures).toHaveLength(2);
    for (const place of figures) {
      expect(JSON.parse(place.querySelector("script")?.textContent ?? "")).toMatchObject(figure);
      expect(place.querySelector("img")?.getAttribute("src")).toBe(`data:image/png;base64,${png}`);
    }
    expect(document.querySelectorAll("img")).toHaveLength(2);
  });

  it("has the table of a figure instead of its picture until it is drawn, and all of plotly.js if it needs that", async () => {
    const figure = (type: string) => ({ data: [{ type }], layout: {} });
    const bundle = (type: string) => ({
      "application/vnd.plotly.v1+json": figure(type),
      "image/png": png,
      "text/plain": "title <b>\n\ncolumn\n1.5",
    });
    const { html, document } = await page(shown(bundle("scatter")));
    expect(document.querySelector(".plotly > .still")?.textContent).toBe("title <b>\n\ncolumn\n1.5");
    expect(document.querySelectorAll("img")).toHaveLength(0);
    expect((await page(shown(bundle("sankey")))).html.length).toBeGreaterThan(html.length + 1e6);
  });

  it("every picture has alt text: the figure's title, or the text beside a picture", async () => {
    const figure = { data: [{ y: [1] }], layout: { title: { text: "AUC <b>0.7</b> &amp; more<br>in all" } } };
    const { document } = await page(
      shown({ "application/vnd.plotly.v1+json": figure, "image/png": png }),
      shown({ "image/png": png, "text/plain": "a picture\nof two lines" }),
      shown({ "image/png": png }),
    );
    expect([...document.querySelectorAll("img")].map(({ alt }) => alt)).toEqual([
      "AUC 0.7 & more in all",
      "a picture",
      "picture without a description",
    ]);
  });

  it("figures of pepnet have a phone layout, others and hostile ones keep theirs", async () => {
    const axis = { domain: [0, 1] };
    const ours = { height: 300, margin: { t: 40, b: 40 }, xaxis: axis, yaxis: axis };
    // The last is a diagram: its boxes would overlap.
    const layouts = [
      ours,
      { ...ours, xaxis: { domain: "0" } },
      { ...ours, xaxis: { ...axis, ticktext: [1] } },
      { ...ours, xaxis: { ...axis, visible: false } },
    ];
    const { document } = await page(
      ...layouts.map((layout) => shown({ "application/vnd.plotly.v1+json": { data: [{ y: [1] }], layout } })),
    );
    const places = [...document.querySelectorAll(".plotly")];
    const narrow = places.map((place) => JSON.parse(place.querySelector("script")!.textContent!).narrow);
    expect(narrow[0].layout).toMatchObject({ xaxis: { domain: [0, 1] } });
    expect(narrow[1]).toBeNull();
    expect(narrow[3]).toBeNull();
    expect(places.map(({ className }) => className)).toEqual(
      expect.arrayContaining(["plot plotly", "plot plotly wide"]),
    );
  });

  it("has no plotly.js without figures, and asks no network", async () => {
    const { html, document } = await page(shown({ "text/html": "<table><tr><td>cell</td></tr></table>" }));
    expect(html.length).toBeLessThan(20_000);
    expect(document.querySelectorAll("script[src], link[href]")).toHaveLength(0);
    expect(document.querySelector(".output table")?.textContent).toBe("cell");
  });

  it("escapes text and strips a terminal's colours", async () => {
    const { document } = await page(
      { output_type: "stream", name: "stdout", text: ["<script>alert(1)</script>\n", "10%\r50%\r100%\n"] },
      { output_type: "error", ename: "Error", evalue: "x", traceback: ["\u001b[31mError\u001b[0m: <i>bad</i>"] },
      shown({ "text/plain": "a < b" }),
    );
    expect(document.querySelector(".stdout")?.textContent).toBe("<script>alert(1)</script>\n100%\n");
    expect(document.querySelector(".error")?.textContent).toBe("Error: <i>bad</i>");
    expect(document.querySelector(".output pre")?.textContent).toBe("a < b");
    expect(document.querySelectorAll("script, i")).toHaveLength(0);
  });

  it("takes the richest form that a page can show", async () => {
    const { document } = await page(
      shown({ "text/html": "<u>html</u>", "image/png": png, "text/plain": "t" }),
      shown({ "image/png": `${png}\n`, "text/plain": "t" }),
      shown({ "text/markdown": "**bold**", "text/plain": "t" }),
    );
    const [html, image, markdown] = [...document.querySelectorAll(".output")];
    expect(html?.innerHTML).toBe("<u>html</u>");
    expect(image?.querySelector("img")?.getAttribute("src")).toBe(`data:image/png;base64,${png}`);
    expect(markdown?.querySelector("strong")?.textContent).toBe("bold");
  });
});
