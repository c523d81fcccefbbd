/** Rows whose prediction moves most when gates are scaled: as trained and now, a row each. */
import { type MovedRow, type MovedRows, movedRowsSheet } from "../../tables/index.js";
import { fixed, signed } from "../../util/text/format.js";
import type { Chart } from "../figure.js";
import { chart, dotRowsHeight, dotRowsPanel, xAxis } from "../panels/index.js";
import { INK, inTitle, markup, PLAIN } from "../theme/index.js";

/** The chart. @param call the code that looks into a row */
export function movedRowsChart(moved: MovedRows, call?: (row: number) => string): Chart {
  const { rows, tower } = moved;
  const names = rows.map(({ row, domain }) => (domain === null ? `row ${row}` : `row ${row}, ${domain}`));
  const panel = dotRowsPanel({
    rows: rows.map(({ row, scaled, change }, at) => ({
      name: names[at]!,
      value: scaled,
      color: INK,
      printed: fixed(scaled),
      hover: markup`${names[at]!}<br>gates scaled: ${fixed(scaled, 4)}, logit ${signed(change, 3)}`,
      call: call?.(row) ?? null,
    })),
    levels: [
      {
        legend: { name: "as trained", group: "trained" },
        values: rows.map(({ trained }) => trained),
        symbol: "diamond-open",
        color: PLAIN,
        calls: call && rows.map(({ row }) => call(row)),
        hover: rows.map(({ trained }, at) => markup`${names[at]!}<br>as trained: ${fixed(trained, 4)}`),
      },
    ],
    axis: xAxis("predicted probability", { nticks: 6 }),
    letters: 30,
  });
  return chart({
    title: `Predictions of ${inTitle(tower)} ${finding(moved.rows[0])}`,
    rows: [{ height: dotRowsHeight(rows.length), panels: [panel] }],
    legendBelow: true,
    sheet: movedRowsSheet(moved),
  });
}

function finding(first: MovedRow | undefined): string {
  if (first === undefined) return "with scaled gates: no rows";
  if (first.change === 0) return "with the gates as trained";
  return `with scaled gates: row ${first.row} moves most, ${fixed(first.trained)} to ${fixed(first.scaled)}`;
}
