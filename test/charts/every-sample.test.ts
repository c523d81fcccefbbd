/** What holds for every sample chart: names, axes, single domains, alt text and tables. */
import { describe, expect, test } from "vitest";
import type { Chart, PlotlyTrace } from "../../src/views/index.js";
import { BETTER, colour, GATES, INK, MAX_COLOURS, ONE_OF_MANY, PLAIN, TASKS, WORSE } from "../../src/views/theme.js";
import { ageDomains } from "./results.js";
import { byDomain, samples } from "./samples.js";

/** What each colour means. Domain 0 has the palette's first, domain 1 its second; on a study's page variants have them. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  [INK, "all rows, or the model that others are compared with"],
  [PLAIN, "one quantity without a domain, such as a count, a gate or a layer"],
  [ONE_OF_MANY, "each of many"],
  ...TASKS.slice(1).map((shade, at): [string, string] => [shade, `the loss of task ${at + 1}`]),
  [BETTER, "better, or more"],
  [WORSE, "worse, or less; a failure"],
  [GATES, "gates and what feeds them"],
  ...Array.from({ length: MAX_COLOURS }, (_, domain): [string, string] => [
    colour(domain, MAX_COLOURS),
    `domain ${domain}, or variant ${domain} of a study, or run ${domain} of an index`,
  ]),
]);

type Fields = Readonly<Record<string, unknown>>;

describe("names that differ in the middle of a word", () => {
  const names = [
    "search results supermarkets of the north",
    "search results hypermarkets of the north",
    "recommendations",
  ];

  test.each(Object.entries(byDomain))("%s cuts what they have in common, never what differs", (_, make) => {
    const { title, figure } = make(names);
    const cut = [title, ...textsIn(figure)].filter((text) => text.includes("…") && /search|market|north/.test(text));
    for (const text of cut) expect(text).toMatch(/sup|hyp|second|third/);
    for (const list of namesIn(figure)) expect(new Set(list).size, list.join(", ")).toBe(list.length);
  });

  test.each(Object.entries(byDomain))("%s keeps shorter ones apart too", (_, make) => {
    const { title, figure } = make(["search results supermarkets", "search results hypermarkets"]);
    const cut = [title, ...textsIn(figure)].filter((text) => text.includes("…") && /search|market/.test(text));
    for (const text of cut) expect(text).toMatch(/super|hyper/);
  });
});

test.each(Object.entries(samples))("%s labels no difference with +0", (_, make) => {
  const formats = textsIn((make as () => Chart)().figure, "tickformat");
  // Plotly's formats with a plus write it before zero too.
  expect(formats.filter((format) => format.startsWith("+"))).toEqual([]);
});

describe("a single domain", () => {
  test.each(Object.entries(byDomain))("%s is drawn once", (_, make) => {
    const { figure } = make(["everyone"]);
    const axes = Object.entries(figure.layout).filter(([key]) => /^[xy]axis/.test(key));
    for (const [, axis] of axes) {
      const ticks = ((axis as Fields)["ticktext"] ?? []) as string[];
      const isBoth = ticks.some((text) => text.startsWith("all rows")) && ticks.some((text) => /everyone/.test(text));
      expect(isBoth, ticks.join(", ")).toBe(false);
    }
    const legend = figure.data.filter(({ showlegend }) => showlegend === true).map(({ name }) => String(name));
    expect(legend.includes("all rows") && legend.includes("everyone"), legend.join(", ")).toBe(false);
  });
});

describe("colours", () => {
  const palette = Array.from({ length: MAX_COLOURS }, (_, domain) => colour(domain, MAX_COLOURS));
  // Other helpers' charts of labels, and the quick look at any columns, which is on no page with others.
  const others = /^(label-rates|plot-)/;

  test.each(Object.entries(samples))("%s has those of the table of meanings, in their meaning", (name, make) => {
    if (others.test(name)) return;
    const { data } = (make as () => Chart)().figure;
    // Marks on cells are black or white.
    for (const trace of data.filter((each) => !isOnCells(each, data))) {
      for (const shade of coloursIn(trace)) {
        expect([...MEANINGS.keys()], `${shade} in ${JSON.stringify(trace).slice(0, 200)}`).toContain(shade);
      }
    }
  });

  const ofThree = Object.entries(samples).filter(
    ([name]) => !/-domain|long-names|^study-|^model-diagram-|^saved-runs/.test(name),
  );

  test.each(ofThree)("%s gives the palette's to domains in their order", (name, make) => {
    if (others.test(name) || name === "model-diagram") return;
    const { data } = (make as () => Chart)().figure;
    // Lines that lead from a curve's end to its name have no hover text.
    for (const trace of data.filter((each) => each["hoverinfo"] !== "skip")) {
      for (const shade of coloursIn(trace)) {
        const domain = palette.indexOf(shade);
        if (domain >= 0) expect(JSON.stringify(trace), shade).toContain(ageDomains[domain]);
      }
    }
  });
});

describe("alt text, which is the title", () => {
  const isNothing = /\b(no|not|none|nothing|fewer than|reports none)\b/i;

  test.each(Object.entries(samples))("%s names what is seen, with its main figure", (_, make) => {
    const { title, table, figure } = (make as () => Chart)();
    expect(title.length).toBeGreaterThan(15);
    expect(title.length).toBeLessThan(400);
    expect(title.trim().split(/\s+/).length, title).toBeGreaterThan(3);
    if (!isNothing.test(title)) expect(title).toMatch(/\d/);
    expect(table.columns.length).toBeGreaterThan(0);
    if (!textsIn(figure).some((text) => isNothing.test(text))) expect(table.rows.length).toBeGreaterThan(0);
  });
});

/** Every text in a figure, except for hover texts, which have names in full; or only those under one key. */
function textsIn(value: unknown, key?: string): string[] {
  if (typeof value === "string") return key === undefined ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, each]): string[] => {
    if (/hovertemplate|customdata|hovertext/.test(name)) return [];
    return name === key && typeof each === "string" ? [each] : textsIn(each, key);
  });
}

function isOnCells({ xaxis, yaxis }: PlotlyTrace, all: readonly PlotlyTrace[]): boolean {
  return all.some((other) => other["type"] === "heatmap" && other["xaxis"] === xaxis && other["yaxis"] === yaxis);
}

/** The colours of marks, as hex; fills are faded. */
function coloursIn(trace: PlotlyTrace): string[] {
  if (trace["mode"] === "text") return [];
  const fields = ["marker", "line", "error_x", "error_y"].flatMap((key) => {
    const part = (trace[key] ?? {}) as Fields;
    return [part["color"], (part["line"] as Fields | undefined)?.["color"]];
  });
  const isLine = trace["mode"] !== "markers" && (trace["line"] as Fields | undefined)?.["width"] !== 0;
  const shades = isLine ? fields : fields.slice(0, 2).concat(fields.slice(4));
  return shades.flat().filter((shade): shade is string => typeof shade === "string" && shade.startsWith("#"));
}

/** Names side by side: along an axis, and in the legend. */
function namesIn({ data, layout }: Chart["figure"]): string[][] {
  const ticks = Object.values(layout).flatMap((axis) => {
    const { ticktext } = (axis ?? {}) as { ticktext?: string[] };
    // Numbers beside rows may be equal.
    return ticktext === undefined ? [] : [ticktext.filter((text) => /\p{L}/u.test(text))];
  });
  const legend = data.filter(({ showlegend }) => showlegend === true).map(({ name }) => String(name));
  return [...ticks, legend];
}
