/** The view of labels' rates by domain. */

import type { CountedRows } from "../../../core/metrics/drift.js";
import type { Ends } from "../../../core/metrics/intervals/normal.js";
import { count, grouped, percent } from "../../../core/util/text.js";
import { bars } from "../bars.js";
import { chart, type Panel, type PanelRow, panelRows, rowNames, WIDE_NAMES, xAxis } from "../compose.js";
import { type DotLevel, type DotRow, dotRowsHeight, dotRowsPanel } from "../dot-rows.js";
import { dots } from "../lines.js";
import { colour, firstTasks, INK, inTitle, type Markup, markup, PLAIN, sentence, shortenAll, tidy } from "../theme.js";
import {
  ALL_ROWS,
  type Chart,
  type Column,
  col,
  domainColumns,
  drawnDomains,
  independentUnits,
  namesByDomain,
  type Sheet,
  sheetFrom,
} from "../view.js";
import { shareOfRows } from "./columns.js";

export interface PositiveRows extends CountedRows {
  /** Ends of the interval of the share; missing without rows, or with too few users. */
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  /** The same for all domains of a label at once. */
  readonly together?: Ends;
  readonly training?: CountedRows | undefined;
}

export interface LabelRate extends PositiveRows {
  readonly label: string;
  /** The column whose values are treated as independent of each other; `null`: rows are. */
  readonly user?: string | null;
  readonly domains: readonly PositiveRows[];
}

const TRAINING: readonly Column<PositiveRows>[] = [
  col.count(["training_rows", "training rows"], ({ training }) => training?.rows),
  col.count(["training_positives", "positive"], ({ training }) => training?.positives),
  col.share(["training_share", "share"], ({ training: rows }) => rows && shareOfRows(rows.positives, rows.rows), 2),
];

export function labelRatesSheet(rates: readonly LabelRate[], domainNames: readonly string[]): Sheet {
  const rows = rates.flatMap(({ label, domains, ...overall }) =>
    [overall, ...domains].map((cell, index) => ({ ...cell, label, domain: index - 1 })),
  );
  const user = rates[0]?.user;
  const units = user === undefined ? "" : `, ${independentUnits(user)}`;
  return sheetFrom(`Positive rows by label and domain, with 95% Wilson intervals${units}`, rows, [
    col.text("label", ({ label }) => label),
    domainColumns(domainNames),
    col.count("rows", ({ rows }) => rows),
    col.count(["positives", "positive rows"], ({ positives }) => positives),
    col.share("share", ({ positives, rows }) => shareOfRows(positives, rows), 2),
    col.share("low", ({ low }) => low, 2),
    col.share("high", ({ high }) => high, 2),
    rates.some(({ training }) => training !== undefined) && TRAINING,
  ]);
}

const LETTERS = 18;
/** The width of the panel of rows beside that of a label. */
const ROWS_WIDTH = 0.5;
/** With more domains, two labels are beside each other. */
const SHORT = 12;

/** Rows by domain and share of positive rows by label and domain. A domain without rows is a gap. */
export function labelRatesChart(rates: readonly LabelRate[], domainNames: readonly string[] = []): Chart {
  const names = drawnDomains(domainNames, rates);
  const rows = rates.length === 0 || names.length === 0 ? null : rowsPanel(rates[0]!, names);
  const isStacked = rows === null || rows.left! > WIDE_NAMES;
  const labels = rates.map((rate, l) => labelPanel(rate, names, isStacked, l === 0));
  const height = dotRowsHeight(names.length + 1);
  return chart({
    title: ratesTitle(rates, names),
    rows: isStacked
      ? panelRows([...(rows === null ? [] : [rows]), ...labels], { across: 2, height, empty: "no labels" })
      : besideRows(rows, labels, height, names.length > SHORT ? 2 : 1),
    legendBelow: true,
    sheet: labelRatesSheet(rates, namesByDomain(domainNames, rates)),
  });
}

/** Each row of panels begins with the domains' names. */
function besideRows(rows: Panel, labels: readonly Panel[], height: number, across: number): PanelRow[] {
  return Array.from({ length: Math.ceil(labels.length / across) }, (_, at) => {
    const some = labels.slice(at * across, (at + 1) * across);
    return {
      height,
      panels: [rows, ...some],
      widths: [across === 1 ? ROWS_WIDTH : 1, ...Array<number>(across).fill(1)],
    };
  });
}

function rowsPanel(rate: LabelRate, names: readonly string[]): Panel {
  const short = shortenAll([ALL_ROWS, ...names], LETTERS);
  const cells = [rate, ...rate.domains];
  const texts = short.map((name, n) => `${name}\u2002${grouped(cells[n]?.rows ?? 0)}`);
  const shares = names.map((_, d) => shareOfRows(rate.domains[d]?.rows ?? 0, rate.rows));
  const training = names.map((_, d) => {
    const { rows = 0 } = rate.domains[d]?.training ?? {};
    return rate.training === undefined ? null : shareOfRows(rows, rate.training.rows);
  });
  const hover = names.map((name, d) => {
    const before = training[d] === null ? "" : `, ${percent(training[d], 1)} in training`;
    return markup`${name}<br>${count(rate.domains[d]?.rows ?? 0, "row")}, ${percent(shares[d], 1)} of all${before}`;
  });
  const at = names.map((_, d) => d + 1);
  return {
    title: "Rows",
    marks: [
      bars({ at, values: shares, lying: true, width: 0.6, color: PLAIN, hover }),
      ...(training.every((share) => share === null) ? [] : [dots({ x: training, y: at, ...trainingLook, hover })]),
    ],
    xaxis: xAxis("share of rows", { tickformat: ".3~p", rangemode: "tozero", nticks: 3 }),
    ...rowNames(texts, { letters: Math.max(...texts.map((text) => [...text].length)) }),
  };
}

const trainingLook = { color: INK, symbol: "line-ns", size: 12, outline: { color: INK, width: 2.5 } };

function labelPanel(rate: LabelRate, names: readonly string[], isNamed: boolean, isFirst: boolean): Panel {
  const cells = [rate, ...names.map((_, d) => rate.domains[d] ?? { rows: 0, positives: 0 })];
  const all = [ALL_ROWS, ...names];
  const rows = cells.map((cell, n): DotRow => {
    const share = shareOfRows(cell.positives, cell.rows);
    return {
      name: isNamed ? all[n]! : "",
      value: tidy(share),
      low: cell.low,
      high: cell.high,
      main: n === 0,
      color: n === 0 ? INK : colour(n - 1, names.length),
      printed: cell.rows === 0 ? "–" : `${grouped(cell.positives)} (${percent(share)})`,
      hover: cellHover(rate.label, all[n]!, cell),
    };
  });
  return dotRowsPanel({
    title: rate.label,
    rows,
    levels: rate.training === undefined ? [] : [trainingLevel(rate.label, cells, all, isFirst)],
    axis: xAxis("rate (95%)", { tickformat: ".3~p", nticks: 3 }),
  });
}

function trainingLevel(
  label: string,
  cells: readonly PositiveRows[],
  names: readonly string[],
  inLegend: boolean,
): DotLevel {
  const values = cells.map(({ training }) => (training ? shareOfRows(training.positives, training.rows) : null));
  const hover = cells.map(({ training }, n) => {
    const rows = count(training?.rows ?? 0, "training row");
    return markup`${label}, ${names[n]!}<br>${percent(values[n], 2)} of ${rows}`;
  });
  const legend = { name: "training rows", group: "training", inLegend };
  return { legend, values, symbol: "line-ns", color: INK, hover };
}

function cellHover(label: string, name: string, { rows, positives, low, high }: PositiveRows): Markup {
  if (rows === 0) return markup`${label}, ${name}: no rows`;
  const interval = low === undefined || high === undefined ? "" : ` (${percent(low, 2)} to ${percent(high, 2)})`;
  return markup`${label}, ${name}<br>${count(positives, "positive")} in ${count(rows, "row")}: ${percent(positives / rows, 2)}${interval}`;
}

function ratesTitle(rates: readonly LabelRate[], names: readonly string[]): string {
  if (rates.length === 0) return "Positive rows: no labels";
  const parts = rates.map((rate) => {
    const share = percent(shareOfRows(rate.positives, rate.rows));
    return `${inTitle(rate.label)} is positive in ${share}${extremes(rate, names)}`;
  });
  const { rows, user } = rates[0]!;
  const units = user === undefined ? null : independentUnits(user);
  return sentence([...firstTasks(parts), count(rows, "row"), units]);
}

/** `, from 9.1% in live to 14% in search`, if their intervals for all domains at once are apart. */
function extremes({ domains }: LabelRate, names: readonly string[]): string {
  const cells = names.flatMap((name, d) => {
    const { rows = 0, positives = 0, low = 0, high = 1, together = { low, high } } = domains[d] ?? {};
    return rows === 0 ? [] : [{ name, share: positives / rows, low: together.low, high: together.high }];
  });
  if (cells.length < 2) return "";
  const sorted = cells.sort((a, b) => a.share - b.share);
  const [least, most] = [sorted[0]!, sorted.at(-1)!];
  const at = ({ name, share }: typeof least): string => `${percent(share)} in ${inTitle(name, names)}`;
  return least.high < most.low ? `; from ${at(least)} to ${at(most)}` : "; intervals of all domains overlap";
}
