/** Each sample chart, drawn once: the rules for all charts, its golden if it has one, and its line of the summary. */
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { narrowFigure } from "../../../src/lab/render/narrow.js";
import type { Chart } from "../../../src/lab/views/view.js";
import { chartText, figureFrom, goldenFile, summaryLine, themeOf, themeText } from "./golden.js";
import { rules } from "./rules.js";
import { goldens, samples } from "./samples.js";

const names = Object.keys(samples);
const draw = (name: string): Chart => samples[name]!();
const theme = themeOf(draw("losses").figure);

test.each(names)("%s", async (name) => {
  const chart = draw(name);
  expect(faultsOf(chart, name)).toEqual([]);
  if (goldens.includes(name)) {
    await expect(chartText(chart, theme)).toMatchFileSnapshot(goldenFile(`${name}.json`));
  }
});

test("titles are one finding in few words, and what else is said is not the same for each of many tasks", () => {
  const charts = names.map((name) => ({ name, ...draw(name) }));
  const words = charts.map(({ title }) => title.split(/\s+/).length).sort((a, b) => a - b);
  expect(words[Math.floor(words.length / 2)]).toBeLessThanOrEqual(10);
  expect(charts.filter(({ title }) => title.split(/\s+/).length > 16).map(({ title }) => title)).toEqual([]);
  const shape = (clause: string): string => clause.replace(/[\d.,−+×%]+/g, "0").replace(/\b(ctr|cvr)\b/g, "task");
  const repeated = charts.filter(({ title, subtitle = "" }) => {
    const clauses = [title, ...subtitle.split("; ")].map(shape);
    return clauses.some((clause) => clauses.filter((other) => other === clause).length > 2);
  });
  expect(repeated.map(({ name }) => name)).toEqual([]);
});

test("axes of numbers have three labelled ticks on a phone too", () => {
  const rule = "has three labelled ticks on each axis of numbers, in labels that differ";
  const faults = names.flatMap((name) => {
    const chart = draw(name);
    const narrow = { ...chart, figure: narrowFigure(chart.figure) };
    return rules[rule]!(narrow, name, theme).map((fault) => `${name}: ${fault}`);
  });
  expect(faults).toEqual([]);
});

test("the theme, which every figure has", async () => {
  await expect(themeText(theme)).toMatchFileSnapshot(goldenFile("theme.json"));
});

test("every chart in a line", async () => {
  const lines = names.map((name) => summaryLine(name, draw(name)));
  await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot(goldenFile("summary.txt"));
});

test("there is no golden of what is not drawn any more", () => {
  const files = ["summary.txt", "theme.json", ...goldens.map((name) => `${name}.json`)];
  expect(readdirSync(goldenFile("")).filter((file) => !files.includes(file))).toEqual([]);
});

test("a golden is the figure that was drawn, to four digits", () => {
  const chart = draw("reliability-gap");
  const rounded = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value), (_, each) =>
      typeof each === "number" && !Number.isInteger(each) ? Number(each.toPrecision(4)) : each,
    );
  expect(figureFrom(chartText(chart, theme), theme)).toEqual(rounded(chart.figure));
});

function faultsOf(chart: Chart, name: string): string[] {
  return Object.entries(rules).flatMap(([rule, faults]) =>
    faults(chart, name, theme).map((fault) => `${rule}: ${fault}`),
  );
}
