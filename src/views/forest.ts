/**
 * A forest plot: estimates with their intervals, one per line. Dots are filled if the interval excludes the reference,
 * hollow if it covers it; missing estimates are replaced by text.
 */
import type { JsonObject } from "../util/random.js";
import { rowNames } from "./axes.js";
import type { Panel } from "./compose.js";
import { dots, rule } from "./lines.js";
import { words } from "./mark.js";
import { finite, type LegendEntry, type Markup, markup, rounded } from "./theme.js";
import type { PlotlyTrace } from "./view.js";

/** An estimate; `null`: undefined. The interval may be missing even if the estimate exists. */
export interface ForestEstimate {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Whether it is beyond noise after a correction. Default: whether the interval excludes the reference. */
  readonly beyondNoise?: boolean;
}

export interface ForestSeries {
  readonly name: string;
  /** The name in the legend. Default: the name. */
  readonly short?: string | undefined;
  readonly color: string;
  /** One per row; `null`: nothing to show. */
  readonly estimates: readonly (ForestEstimate | null)[];
  /** Drawn larger: the total of the other series. */
  readonly main?: boolean;
  /** Centred in its rows, if no other series has an estimate there. */
  readonly centred?: boolean;
  /** Dots without intervals, for many series: one legend entry per name. */
  readonly faint?: boolean;
  readonly legend?: boolean;
}

export interface Forest {
  readonly title?: string | undefined;
  readonly rows: readonly string[];
  readonly series: readonly ForestSeries[];
  readonly reference: number | null;
  readonly axis: JsonObject;
  readonly format: (value: number) => string;
  readonly named?: boolean;
}

export function forestHeight(rows: number, series: number): number {
  return Math.max(70, rows * Math.max(26, 12 * series + 10));
}

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
  const ends = { low: at.map(({ low }) => finite(low)), high: at.map(({ high }) => finite(high)) };
  const { color } = series;
  const legend: LegendEntry = { name: series.short ?? name, group: name, inLegend: series.legend };
  const estimates = dots({
    x: at.map(({ value }) => rounded(value)),
    y: at.map(({ row }) => rounded(row + shift)),
    color,
    size: faint ? 5 : main ? 9 : 7,
    symbol: at.map((estimate) => (covers(estimate, reference) ? "circle-open" : "circle")),
    outline: { color, width: 1.5 },
    whiskersX: faint ? undefined : { ...ends, color, thickness: main ? 2.5 : 1.5 },
    legend,
    hover: at.map(({ row, value, low, high }): Markup => {
      const interval = low === null || high === null ? "" : ` (${format(low)} to ${format(high)})`;
      return markup`${rows[row]!}, ${name}<br>${format(value)}${interval}`;
    }),
  });
  return [estimates, ...undefinedWords(forest, series, shift)];
}

/** In the series' colour, on the side of the other estimates. */
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
      size: 10,
      group: series.name,
      hover: gaps.map((row) => markup`${rows[row]!}, ${series.name}: not defined`),
    }),
  ];
}

function covers({ low, high, beyondNoise }: ForestEstimate, reference: number | null): boolean {
  if (beyondNoise !== undefined) return !beyondNoise;
  if (reference === null) return false;
  return low === null || high === null || (low <= reference && reference <= high);
}

function isShifted({ faint, centred }: ForestSeries): boolean {
  return faint !== true && centred !== true;
}

/** No offset for a series that is not shifted (−1). */
function shift(index: number, total: number): number {
  return index < 0 ? 0 : ((index - (total - 1) / 2) * 0.6) / total;
}
