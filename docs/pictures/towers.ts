/** Which tower sees a row, and what the row weighs there: a dozen of the example's rows. */

import { compose, heatPanel, type Panel } from "../../src/lab/views/compose.js";
import { markup } from "../../src/lab/views/theme.js";
import { domains, exampleLog } from "./example.js";
import type { Picture } from "./picture.js";

const shown = 12;
const height = shown * 20;
/** Clicked rows that are enough to see what the task space does. */
const enoughClicks = 4;

export function towers(): Picture {
  const { arrays } = exampleLog();
  const from = stretch(arrays["clk"] as Int32Array);
  const column = (name: string): number[] => Array.from((arrays[name] as Int32Array).subarray(from, from + shown));
  const [domain, clicks, buys] = ["occupation", "clk", "buy"].map(column) as [number[], number[], number[]];
  const inside = clicks.reduce((sum, click) => sum + click, 0);
  // w = 1 in the space, 0 outside; then w / mean(w).
  const weights = clicks.map((click) => [1, (click * shown) / inside]);
  const values = weights.map((own, row) =>
    own.flatMap((weight) => domains.map((_, tower) => (tower === domain[row] && weight > 0 ? weight : null))),
  );
  const names = clicks.map(
    (click, row) => `${domains[domain[row] as number]}${click ? ", clicked" : ""}${buys[row] ? ", bought" : ""}`,
  );
  const title = `Each row trains one tower a task; for cvr only the ${inside} clicked rows of ${shown} count`;
  return {
    chart: { title, figure: compose({ title, rows: [{ height, panels: [panelOf(names, values)] }] }) },
    says: {
      weight: `${inside} of the ${shown} rows were clicked, so each of them weighs ${weightText(shown / inside)} in cvr`,
    },
  };
}

function panelOf(rows: readonly string[], values: readonly (readonly (number | null)[])[]): Panel {
  const panel = heatPanel({
    title: "weight in the loss",
    rows,
    columns: ["ctr", "cvr"].flatMap((task) => domains.map((name) => `${task} ${name}`)),
    values,
    range: [0, Math.max(...values.flat().map((weight) => weight ?? 0))],
    scale: [
      [0, "#eaf2fa"],
      [1, "#6baed6"],
    ],
    bar: null,
    cell: (row, at) => weightText(values[row]?.[at] ?? 0),
    hover: () => markup``,
    gap: "not in this tower",
    height,
  });
  // Without the dashes that stand for gaps: most cells are empty.
  return { ...panel, marks: panel.marks.slice(0, 1) };
}

function weightText(weight: number): string {
  return weight.toFixed(1).replace(/\.0$/, "");
}

/** Where the first dozen with enough clicks begins. */
function stretch(clicks: Int32Array): number {
  let from = 0;
  while (clicks.subarray(from, from + shown).reduce((sum, click) => sum + click, 0) < enoughClicks) from += shown;
  return from;
}
