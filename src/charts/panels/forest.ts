/**
 * Estimates with their intervals, a line each (a forest plot): a full dot where the interval excludes the reference, a
 * hollow one where it covers it, and words in place of a missing estimate. It draws anything with a value, a low and a high end.
 */
import type { JsonObject } from "../../util/json.js";
import type { PlotlyTrace } from "../figure.js";
import { dots, rule, words } from "../marks/index.js";
import { faded, finite, type LegendEntry, type Markup, markup, rounded } from "../theme/index.js";
import { rowNames } from "./axes.js";
import type { Panel } from "./panel.js";

/** An estimate; `null`: not defined there. The interval may be missing where the estimate is not. */
export interface ForestEstimate {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** One estimate a row, in one colour. */
export interface ForestSeries {
  readonly name: string;
  readonly color: string;
  /** One a row; `null`: nothing to show there. */
  readonly estimates: readonly (ForestEstimate | null)[];
  /** Drawn larger: what the others are parts of. */
  readonly main?: boolean;
  /** In the middle of its rows, where no other series has an estimate. */
  readonly centred?: boolean;
  /** Dots without intervals, for series that are many: one legend entry for all of a name. */
  readonly faint?: boolean;
  /** Whether the series is in the legend. Default: true. */
  readonly legend?: boolean;
}

/** What a forest plot shows. */
export interface Forest {
  readonly title?: string | undefined;
  /** Names of the rows, from above. */
  readonly rows: readonly string[];
  readonly series: readonly ForestSeries[];
  /** The value of no difference, as a dotted line; `null`: none. */
  readonly reference: number | null;
  /** The x axis: title, tick format. */
  readonly axis: JsonObject;
  /** A value in hover texts. */
  readonly format: (value: number) => string;
  /** `false`: the panel at the left names the rows. Default: true. */
  readonly named?: boolean;
}

/** Pixels that the rows need. */
export function forestHeight(rows: number, series: number): number {
  return Math.max(70, rows * Math.max(26, 12 * series + 10));
}

/** The axes of a forest plot. */
export function forestPanel(forest: Forest): Panel {
  const { title, rows, series, axis, reference, named } = forest;
  const shifted = series.filter(isShifted);
  const bottom = Math.max(1, rows.length) - 0.5;
  return {
    title,
    marks: [
      ...(reference === null ? [] : [rule({ from: [reference, -0.5], to: [reference, bottom] })]),
      ...series.flatMap((each) => seriesMarks(forest, each, shift(shifted.indexOf(each), shifted.length))),
    ],
    xaxis: { nticks: 5, ...axis },
    ...rowNames(rows, { named }),
  };
}

function seriesMarks(forest: Forest, series: ForestSeries, shift: number): PlotlyTrace[] {
  const { rows, reference, format } = forest;
  const { name, main = false, faint = false } = series;
  const at = series.estimates.flatMap((estimate, row) => {
    const value = finite(estimate?.value);
    return estimate === null || value === null ? [] : [{ ...estimate, row, value }];
  });
  const color = faint ? faded(series.color, 0.4) : series.color;
  const legend: LegendEntry = { name, group: name, shown: series.legend };
  const estimates = dots({
    x: at.map(({ value }) => rounded(value)),
    y: at.map(({ row }) => rounded(row + shift)),
    color,
    size: faint ? 5 : main ? 9 : 7,
    symbol: at.map((estimate) => (covers(estimate, reference) ? "circle-open" : "circle")),
    outline: { color, width: 1.5 },
    whiskersX: faint ? undefined : { ...ends(at), color, thickness: main ? 2.5 : 1.5 },
    legend,
    hover: at.map(({ row, value, low, high }): Markup => {
      const interval = low === null || high === null ? "" : ` (${format(low)} to ${format(high)})`;
      return markup`${rows[row]!}, ${name}<br>${format(value)}${interval}`;
    }),
  });
  return [estimates, ...undefinedWords(forest, series, shift)];
}

function ends(estimates: readonly ForestEstimate[]) {
  return { low: estimates.map(({ low }) => finite(low)), high: estimates.map(({ high }) => finite(high)) };
}

/** In the series' colour, at the side where the other estimates are. */
function undefinedWords({ rows, series: all, reference }: Forest, series: ForestSeries, shift: number): PlotlyTrace[] {
  const gaps = series.estimates.flatMap((estimate, row) =>
    estimate !== null && finite(estimate.value) === null ? [row] : [],
  );
  if (gaps.length === 0 || series.faint === true || reference === null) return [];
  const side = all
    .flatMap(({ estimates }) => estimates)
    .reduce((sum, each) => sum + ((each?.value ?? reference) - reference), 0);
  return [
    words({
      x: gaps.map(() => reference),
      y: gaps.map((row) => rounded(row + shift)),
      texts: gaps.map(() => "not defined"),
      place: side < 0 ? "middle left" : "middle right",
      color: series.color,
      size: 10,
      group: series.name,
      hover: gaps.map((row) => markup`${rows[row]!}, ${series.name}: not defined`),
    }),
  ];
}

function covers({ low, high }: ForestEstimate, reference: number | null): boolean {
  if (reference === null) return false;
  return low === null || high === null || (low <= reference && reference <= high);
}

/** Whether the series needs a place beside the others. */
function isShifted({ faint, centred }: ForestSeries): boolean {
  return faint !== true && centred !== true;
}

/** Of a series that is not among the shifted ones (−1): none. */
function shift(index: number, total: number): number {
  return index < 0 ? 0 : ((index - (total - 1) / 2) * 0.6) / total;
}
