/** The grammar of marks: what each knows of names, gaps, legends and hover texts. */
import { describe, expect, test } from "vitest";
import { bars, boxes, sideBySide } from "../../../src/lab/views/bars.js";
import { heatPanel } from "../../../src/lab/views/compose.js";
import { area, band, cells, dotKey, dots, line, rule } from "../../../src/lab/views/lines.js";
import { words } from "../../../src/lab/views/mark.js";
import { DIVERGING, family, MAX_COLOURS, markup } from "../../../src/lab/views/theme.js";

const hostile = "<b>x</b>&%{x}";
const safe = "&lt;b&gt;x&lt;/b&gt;&amp;%&#123;x}";

describe("hover texts", () => {
  const at = { x: [1], y: [2], color: "#000000", size: 3 };

  test("escape what is filled in, and nothing twice", () => {
    const name = markup`${hostile}`;
    expect(markup`${name}<br>step %{x:,}`.escaped).toBe(`${safe}<br>step %{x:,}`);
  });

  test("are one template, a text a point, or both", () => {
    expect(dots({ ...at, hover: markup`at %{x}` })).toMatchObject({ hovertemplate: "at %{x}<extra></extra>" });
    expect(dots({ ...at, hover: [markup`${hostile}`] })).toMatchObject({
      customdata: [safe],
      hovertemplate: "%{customdata}<extra></extra>",
    });
    expect(dots({ ...at, hover: { template: markup`%{customdata}: %{y}`, each: [markup`a`] } })).toMatchObject({
      customdata: ["a"],
      hovertemplate: "%{customdata}: %{y}<extra></extra>",
    });
    expect(dots({ ...at, hover: "none" })).toMatchObject({ hoverinfo: "skip" });
  });
});

describe("legend entries", () => {
  test("shorten and escape names, and are shown unless they say no", () => {
    const mark = line({ x: [1], y: [1], color: "#000000", width: 1, hover: "none", legend: { name: hostile } });
    expect(mark).toMatchObject({ name: safe, showlegend: true });
    const long = { name: "n".repeat(60), group: hostile, inLegend: false };
    const hidden = line({ x: [1], y: [1], color: "#000000", width: 1, hover: "none", legend: long });
    expect(hidden).toMatchObject({ legendgroup: safe, showlegend: false });
    expect([...String(hidden["name"])]).toHaveLength(22);
  });

  test("are there for marks without a point, which Plotly would leave out", () => {
    const dash = line({ x: [], y: [], color: "#000000", width: 1, legend: { name: "dash" }, hover: "none" });
    for (const mark of [dotKey("empty", "#000000"), dash]) {
      expect(mark).toMatchObject({ x: [null], y: [null], showlegend: true });
    }
  });

  test("of a family are one each, or one for all where its members are many", () => {
    const names = Array.from({ length: MAX_COLOURS + 1 }, (_, n) => `domain ${n}`);
    const few = family(names.slice(1), { noun: "domain" });
    expect(names.slice(1).map((_, n) => few.member(n).legend)).toEqual(
      names.slice(1).map((name, n) => ({ name, group: `domain ${n}`, inLegend: true })),
    );
    const many = family(names, { noun: "domain" });
    expect(names.map((_, n) => many.member(n).legend.inLegend)).toEqual(names.map((_, n) => n === 0));
    expect(many.member(3).legend.name).toBe(`each of ${names.length} domains`);
    expect(few.member(0, false).legend.inLegend).toBe(false);
  });
});

describe("gaps", () => {
  test("numbers that are not finite become null", () => {
    const values = [1, Number.NaN, Number.POSITIVE_INFINITY, null];
    const at = [0, 1, 2, 3];
    const look = { color: "#000000", hover: "none" } as const;
    for (const mark of [
      line({ x: at, y: values, width: 1, ...look }),
      dots({ x: at, y: values, size: 3, ...look }),
      bars({ at, values, width: 1, ...look }),
    ]) {
      expect(mark["y"]).toEqual([1, null, null, null]);
    }
    const heat = cells({ values: [values], range: [0, 1], scale: DIVERGING, bar: null, hover: [[]] });
    expect(heat["z"]).toEqual([[1, null, null, null]]);
  });

  test("have a dash with their reason, and no mark where there is none", () => {
    const heat = (values: readonly (number | null)[]) => {
      const look = { range: [0, 1] as const, scale: DIVERGING, bar: null, cell: () => "", hover: () => markup`a` };
      const map = { ...look, title: "", rows: ["a"], columns: values.map(String), values: [values], gap: "no rows" };
      return heatPanel({ ...map, height: 100 }).marks.slice(1);
    };
    expect(heat([1, 1, 1])).toEqual([]);
    expect(heat([1, 1, null])).toMatchObject([{ x: [2], y: [0], text: ["–"], customdata: ["a: no rows"] }]);
  });

  test("of an interval are not drawn", () => {
    const whiskersY = { low: [0.5, null, 3], high: [2, 4, null], color: "#000000", thickness: 1 };
    const mark = dots({ x: [0, 1, 2], y: [1, null, 4], color: "#000000", size: 3, whiskersY, hover: "none" });
    expect(mark["error_y"]).toMatchObject({ array: [1, 0, 0], arrayminus: [0.5, 0, 1] });
  });
});

describe("every mark", () => {
  const look = { color: "#000000", width: 1, hover: "none" } as const;
  const box = {
    at: [0],
    quantiles: [[0.12345, 0.2, 0.3, 0.4, 0.5]],
    color: "#000000",
    width: 1,
    legend: { name: "a" },
    hover: [hostile],
  } as const;
  const marks = {
    dots: dots({ x: [1], y: [1], size: 3, ...look }),
    line: line({ x: [1], y: [1], ...look }),
    rule: rule({ from: [0, 0], to: [1, 1] }),
    area: area({ x: [0, 1], y: [0, 1], color: "#000000", width: 1, hover: null }),
    bars: bars({ at: [0], values: [1], ...look }),
    words: words({ x: [0], y: [0], texts: [hostile] }),
    boxes: boxes(box)[0]!,
    band: band({ x: [0], low: [0], high: [1], hover: "none" })[1]!,
  };

  test.each(Object.entries(marks))("%s is plain JSON, without choices that were not made", (_, mark) => {
    expect(Object.values(mark)).not.toContain(undefined);
    expect(JSON.parse(JSON.stringify(mark))).toStrictEqual(mark);
  });

  test("words are escaped", () => {
    expect(marks.words["text"]).toEqual([safe]);
    const texts = ["<0.1%"];
    expect(bars({ at: [0], values: [1], words: texts, ...look })["text"]).toEqual(["&lt;0.1%"]);
  });

  test("boxes name their whiskers by what they are, with three decimals", () => {
    const hover = boxes(box)[1]!;
    expect(hover).toMatchObject({ mode: "markers", showlegend: false, y: [0.12345, 0.2, 0.3, 0.4, 0.5] });
    const text = `${safe}<br>median 0.300<br>25 to 75%: 0.200 to 0.400<br>5 to 95%: 0.123 to 0.500`;
    expect(hover["customdata"]).toEqual(Array(5).fill(text));
    expect(boxes({ ...box, at: [], quantiles: [], hover: [] })).toHaveLength(1);
  });

  test("dots on a line are left out where they would hide it", () => {
    const many = Array.from({ length: 31 }, (_, n) => n);
    expect(line({ x: many, y: many, dots: 5, ...look })["mode"]).toBe("lines");
    expect(line({ x: many.slice(1), y: many.slice(1), dots: 5, ...look })["mode"]).toBe("lines+markers");
  });

  test("bars are side by side around each name", () => {
    expect(bars({ at: [0], values: [0.7], ...look })).toMatchObject({ x: [0], y: [0.7] });
    expect(sideBySide(2, 0, 2)).toEqual([-0.2, 0.8]);
    expect(sideBySide(2, 1, 2)).toEqual([0.2, 1.2]);
  });
});
