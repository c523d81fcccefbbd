/** Figures on a phone keep what their rows print, and what sets names apart. */
import { expect, it } from "vitest";
import { NARROW_WIDTH, narrowFigure } from "../../../src/lab/render/narrow.js";
import { aucByDomainChart, labelRatesChart } from "../../../src/lab/views/index.js";
import { themeOf } from "../charts/golden.js";
import { evaluation, labelRates } from "../charts/results.js";
import { rules } from "../charts/rules.js";
import { samples } from "../charts/samples.js";

const names = ["search results of the second tab", "search results of the third tab", "live"];

it.each([
  ["AUCs", aucByDomainChart(evaluation(names)), /\u20020\.\d{3}$/],
  ["label rates", labelRatesChart(labelRates(names), names), /\u2002[\d,]+$/],
])("names of rows are cut and their numbers are whole: %s", (_, { figure }, number) => {
  const { ticktext } = narrowFigure(figure).layout["yaxis"] as { ticktext: string[] };
  expect(ticktext).toHaveLength(4);
  for (const text of ticktext) expect(text).toMatch(number);
  expect(ticktext.filter((text) => text.includes("…"))).toHaveLength(2);
});

it.each(Object.keys(samples).filter((name) => /^(?!model-).*-hard-names$/.test(name)))(
  "what names have in common is cut, never what differs: %s",
  (name) => {
    const chart = samples[name]!();
    const narrow = { ...chart, figure: narrowFigure(chart.figure) };
    const rule = rules["cuts what names have in common, never what differs"]!;
    expect(rule(narrow, name, themeOf(chart.figure))).toEqual([]);
  },
);

it("names at the ends of lines have room beside them", () => {
  const { layout, data } = narrowFigure(samples["losses"]!().figure);
  const words = data.find(({ mode, cliponaxis }) => mode === "text" && cliponaxis === false)!;
  const [from, to] = (layout["xaxis"] as { range: [number, number] }).range;
  const { l, r } = layout["margin"] as { l: number; r: number };
  const room = ((to - (words["x"] as number[])[0]!) / (to - from)) * (NARROW_WIDTH - l - r);
  expect(room).toBeGreaterThan(6 * "total loss".length);
});

it("titles of axes keep their lines", () => {
  const { title } = narrowFigure(samples["scores"]!().figure).layout["xaxis"] as { title: { text: string } };
  expect(title.text).toMatch(/^score .*<br>530 positives/);
});
