/** A column's values within its row of a chart: a histogram of its numbers, or bars of the most frequent values. */
import { type ColumnSummary, shareOfRows } from "../../tables/index.js";
import { count, percent } from "../../util/text/format.js";
import type { PlotlyTrace } from "../figure.js";
import { bars } from "../marks/index.js";
import { type Markup, markup, PLAIN, rounded } from "../theme/index.js";

/** The part of a row's height that the highest bar has. */
const TALLEST = 0.82;

/** Whether there is anything to draw. */
export function hasValues({ top, histogram }: ColumnSummary): boolean {
  return (histogram?.length ?? 0) > 0 || (top?.length ?? 0) > 0;
}

/** Bars from 0 to 1, on the row's line; the highest bin of each row is equally high. */
export function valueBars(column: ColumnSummary, row: number, rows: number): PlotlyTrace[] {
  if (!hasValues(column)) return [];
  const heights = column.histogram?.length ? column.histogram : (column.top ?? []).map((value) => value.rows);
  const width = 1 / heights.length;
  const highest = Math.max(1, ...heights);
  const floor = row + TALLEST / 2;
  return [
    bars({
      at: heights.map((_, bar) => rounded((bar + 0.5) * width)),
      values: heights.map((height) => rounded(floor - (TALLEST * height) / highest)),
      base: floor,
      width: rounded(width * (column.histogram?.length ? 0.94 : 0.7)),
      color: PLAIN,
      hover: column.histogram?.length ? binTexts(column) : topTexts(column, rows),
    }),
  ];
}

function binTexts({ name, histogram, min, max }: ColumnSummary): Markup[] {
  const bins = histogram ?? [];
  const [low, high] = [min ?? 0, max ?? 0];
  const edge = (bin: number): string => Number((low + ((high - low) * bin) / bins.length).toPrecision(4)).toString();
  return bins.map((rows, bin) => markup`${name}, ${edge(bin)} to ${edge(bin + 1)}<br>${count(rows, "row")}`);
}

function topTexts({ name, top = [] }: ColumnSummary, rows: number): Markup[] {
  return top.map(
    (each) => markup`${name}: ${each.value.toString()}<br>${percent(shareOfRows(each.rows, rows))} of rows`,
  );
}
