/** Estimates of several models or tasks side by side, with their intervals, in rows of names. */

import { type Panel, rowNames } from "../../src/lab/views/compose.js";
import { dots, rule } from "../../src/lab/views/lines.js";
import { markup } from "../../src/lab/views/theme.js";

export interface Estimate {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** One estimate per row, in one colour. */
export interface EstimateSeries {
  readonly name: string;
  readonly color: string;
  readonly estimates: readonly (Estimate | null)[];
  /** Whether the series is in the legend. Default: true. */
  readonly legend?: boolean;
}

interface Estimates {
  readonly title: string;
  readonly rows: readonly string[];
  readonly series: readonly EstimateSeries[];
  /** The value of no difference, a dotted line; what covers it is hollow. `null`: none. */
  readonly reference: number | null;
  readonly axis: Panel["xaxis"];
  readonly format: (value: number) => string;
  /** `false`: the panel on the left names the rows. */
  readonly named?: boolean;
}

export function estimatesHeight(rows: number, series: number): number {
  return Math.max(70, rows * Math.max(26, 12 * series + 10));
}

export function estimatesPanel({ title, rows, series, reference, axis, format, named }: Estimates): Panel {
  const covers = ({ low, high }: Estimate): boolean =>
    reference !== null && (low === null || high === null || (low <= reference && reference <= high));
  const marks = series.map(({ name, color, estimates, legend }, s) => {
    const shift = ((s - (series.length - 1) / 2) * 0.6) / series.length;
    const at = estimates.flatMap((each, row) => (each === null || each.value === null ? [] : [{ ...each, row }]));
    return dots({
      x: at.map(({ value }) => value),
      y: at.map(({ row }) => row + shift),
      color,
      size: 7,
      symbol: at.map((each) => (covers(each) ? "circle-open" : "circle")),
      outline: { color, width: 1.5 },
      whiskersX: { low: at.map(({ low }) => low), high: at.map(({ high }) => high), color, thickness: 1.5 },
      legend: { name, group: name, inLegend: legend },
      hover: at.map(({ row, value }) => markup`${rows[row] ?? ""}, ${name}<br>${format(value ?? 0)}`),
    });
  });
  const bottom = Math.max(1, rows.length) - 0.5;
  const line = reference === null ? [] : [rule({ from: [reference, -0.5], to: [reference, bottom] })];
  return { title, marks: [...line, ...marks], xaxis: { nticks: 5, ...axis }, ...rowNames(rows, { named }) };
}
