/** Every chart as a picture; `npm run charts` draws contact sheets of them instead, to be looked at. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Chart } from "../../../src/lab/views/view.js";
import { chartText, figureFrom, goldenFile, themeOf } from "../charts/golden.js";
import { samples } from "../charts/samples.js";
import { type Sheet, writeSheet } from "./contact-sheet.js";
import { onePerKindOfMark, pictureFaults } from "./pictures.js";

const folder = process.env["PEPNET_CHARTS"];
/** Nothing is left out in an ordinary run: there are no contact sheets in it. */
const none = (): void => undefined;
/** Charts of 50 domains are drawn before a release. */
const hidden = process.env["PEPNET_LONG"]
  ? /-(1-domain|12-domains|four-tasks|hard-names)$/
  : /-(1-domain|12-domains|four-tasks|hard-names|50-domains)$/;
const variant = /-(1-domain|12-domains|50-domains|four-tasks|hard-names|gap|no-domains)$/;

(folder === undefined ? describe : none)("every chart as a picture", () => {
  const drawn = new Set(onePerKindOfMark());
  const others = Object.keys(samples).filter((name) => !drawn.has(name) && !hidden.test(name));

  test.each(others)("%s has the size it asks for and the colours of its marks", async (name) => {
    expect(await pictureFaults(samples[name]!().figure)).toEqual([]);
  });
});

(folder === undefined ? none : describe)("contact sheets", () => {
  // Each by itself: those that are drawn are kept whatever ends the run.
  test.each(sheets())("$name", async (sheet) => {
    expect(await writeSheet(folder as string, sheet)).toBe(2 * Object.keys(sheet.charts).length);
  });
});

/** A sheet a kind; a chart that is not what its golden holds has the golden beside it. */
function sheets(): Sheet[] {
  const only = (process.env["PEPNET_CHARTS_ONLY"] ?? "").split(",").filter((name) => name !== "");
  const kinds = new Map<string, Record<string, Chart>>();
  for (const [name, make] of Object.entries(samples)) {
    const kind = name.replace(variant, "");
    if (only.length > 0 && !only.includes(kind)) continue;
    const charts = kinds.get(kind) ?? {};
    kinds.set(kind, charts);
    const now = make();
    charts[variant.exec(name)?.[1] ?? "3 domains"] = now;
    const golden = changedFrom(name, now);
    if (golden !== null) charts[`${name}, golden`] = golden;
  }
  return [...kinds].map(([name, charts]) => ({ name, charts }));
}

/** The chart of the golden, if there is one that is not this chart. */
function changedFrom(name: string, now: Chart): Chart | null {
  const file = goldenFile(`${name}.json`);
  const theme = themeOf(now.figure);
  const golden = existsSync(file) ? readFileSync(file, "utf8") : null;
  if (golden === null || golden === chartText(now, theme)) return null;
  return { ...now, title: JSON.parse(golden).title, figure: figureFrom(golden, theme) };
}
