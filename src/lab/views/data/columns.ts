/** The view of a data set's columns: a table, and a card per column. */
import type { ColumnSummary, TableSummary } from "../../../core/data/summary/describe.js";
import { wholeWidth } from "../../../core/util/numbers.js";
import { count, isMidnight, percent, timeText, visibleLine } from "../../../core/util/text.js";
import { bars } from "../bars.js";
import { chart, emptyPanel, type Panel, panelRows, rowNames, xAxis } from "../compose.js";
import { type Cell, plainNumber } from "../format.js";
import { highest, inTitle, markup, PLAIN, plotText, rounded, sentence, shorten, WORSE } from "../theme.js";
import { type Chart, col, type Sheet, sheetFrom } from "../view.js";

const MOST_FREQUENT = 3;

export function summarySheet({ columns, rows, source }: TableSummary, caption: string | null = null): Sheet {
  return sheetFrom(caption ?? `${count(rows, "row")}, ${visibleLine(source)}`, columns, [
    col.text("column", ({ name }) => name),
    col.text("type", ({ type }) => type),
    col.count("missing", ({ missing }) => missing),
    col.count("distinct", ({ distinct }) => distinct),
    isCompared(columns) &&
      col.share(["not_in_training", "not in training"], ({ unseen }) => shareOfRows(unseen, rows), 2),
    // Before the statistics, which a narrow window cuts off.
    col.any(["most_frequent", null], ({ top }) => top[0]?.value),
    col.text([null, "most frequent"], (column) => frequentText(column, rows)),
    col.data("min", (column) => valueCell(column, column.min)),
    col.data(["p05", "5%"], (column) => valueCell(column, column.quantiles?.[0])),
    col.data("median", (column) => valueCell(column, column.quantiles?.[1])),
    col.data(["p95", "95%"], (column) => valueCell(column, column.quantiles?.[2])),
    col.data("max", (column) => valueCell(column, column.max)),
    col.data("mean", (column) => valueCell(column, column.mean)),
    col.number("std", ({ type, deviation }) => (type === "timestamp" ? null : deviation)),
  ]);
}

/** The last time that JavaScript has, in milliseconds since 1970. */
const LATEST = 8.64e15;

/** A number, or for a time column its date and time in UTC, in the usual format of files. */
function valueCell({ type, ...column }: ColumnSummary, value: number | null | undefined): Cell | null {
  if (value == null || type !== "timestamp" || Math.abs(value) > LATEST) return value ?? null;
  return timeText(new Date(value), [value, column.min, column.max, ...(column.quantiles ?? [])].every(isMidnight));
}

function frequentText(column: ColumnSummary, rows: number): string {
  const [first] = column.top;
  if (first?.rows === 1 && column.distinct > 1) return `${valueText(column, first.value)} and others, once each`;
  return column.top
    .slice(0, MOST_FREQUENT)
    .map((each) => `${valueText(column, each.value)} (${percent(each.rows / rows, 1)})`)
    .join(", ");
}

/** Seven significant digits of a fraction, as a float32 has: that nearest to 0.1 is 0.100000001. */
function valueText(column: ColumnSummary, value: string | number | boolean): string {
  if (typeof value !== "number" || column.type === "timestamp")
    return String(typeof value === "number" ? valueCell(column, value) : value);
  return plainNumber(Number.isInteger(value) ? value : Number(value.toPrecision(7)));
}

function isCompared(columns: readonly ColumnSummary[]): boolean {
  return columns.some(({ unseen }) => unseen !== null);
}

export function shareOfRows(part: number | null | undefined, rows: number): number | null {
  return part === null || part === undefined || rows === 0 ? null : part / rows;
}

const MAX_COLUMNS = 24;
const CARD_HEIGHT = 84;
/** Letters below a card. */
const CARD_LETTERS = 40;

/** A card per column: its values, how many are missing, and possible problems. */
export function columnCardsChart(summary: TableSummary): Chart {
  const { columns, rows } = summary;
  const cards = columns.slice(0, MAX_COLUMNS).map((column) => card(column, rows));
  const title = columnsTitle(summary);
  return chart({
    title,
    rows: panelRows(cards, { across: 2, height: CARD_HEIGHT, empty: "no columns" }),
    sheet: summarySheet(summary, title),
  });
}

function card(column: ColumnSummary, rows: number): Panel {
  const { name, type, missing, distinct } = column;
  const gaps = missing === 0 ? "" : `, ${percent(shareOfRows(missing, rows))} missing`;
  const values = distinct === 0 ? "no value" : count(distinct, type === "list" ? "item" : "value");
  const { min, max } = column;
  const days =
    type === "timestamp" && min !== null && max !== null ? [min, max].map((at) => valueText(column, at)) : [];
  const lines = [
    `${values}${gaps}`,
    ...(days.length === 0 ? [] : [days.join(" to ")]),
    ...columnFindings(column, rows),
  ].map((line) => plotText(shorten(line, CARD_LETTERS)));
  const panel = valuesPanel(column, rows);
  const text = { text: lines.join("<br>"), standoff: 4 };
  const below = columnFindings(column, rows).length > 0 ? { ...text, font: { color: WORSE } } : text;
  return {
    ...panel,
    title: `${name} (${type})`,
    below: 58 + 14 * (lines.length - 1),
    xaxis: { ...panel.xaxis, title: below },
  };
}

/** A number whose largest is further out than this many times the 95% quantile is an outlier or has a long tail. */
const FAR = 20;

/** Possible problems of these rows before training. */
function columnFindings(column: ColumnSummary, rows: number): string[] {
  const { type, missing, distinct, unseen, max, quantiles } = column;
  const high = quantiles?.[2] ?? 0;
  return [
    distinct === 1 && "the same in all rows that have it",
    missing > rows / 2 && "missing in most rows",
    type !== "float" && type !== "timestamp" && rows > 20 && distinct === rows && "a different value in each row",
    (unseen ?? 0) > 0 && `${percent(shareOfRows(unseen, rows))} of rows: not in training`,
    type !== "timestamp" && high > 0 && max !== null && max > FAR * high && "largest over 20 × the 95% quantile",
  ].filter((finding) => finding !== false);
}

/** A histogram of many numbers, else the most frequent values. */
function valuesPanel(column: ColumnSummary, rows: number): Panel {
  const { top, histogram, distinct } = column;
  if (histogram !== null && histogram.length > 1 && distinct > top.length) return histogramPanel(column, histogram);
  if (top.length === 0) return { ...emptyPanel("no values"), left: CARD_LEFT };
  if (distinct === rows && rows > top.length) {
    return { ...emptyPanel(`such as ${shorten(valueText(column, top[0]!.value), CARD_LETTERS - 8)}`), left: CARD_LEFT };
  }
  const shares = top.map((value) => shareOfRows(value.rows, rows) ?? 0);
  const names = top.map(({ value }) => valueText(column, value));
  const mark = bars({
    at: [...top.keys()],
    values: shares.map(rounded),
    color: PLAIN,
    width: 0.7,
    lying: true,
    words: shares.map((share) => percent(share)),
    hover: names.map((value, at) => markup`${column.name}: ${value}<br>${count(top[at]!.rows, "row")}`),
  });
  const bare = { showticklabels: false, showgrid: false, ticks: "", range: [0, 1.3 * Math.max(...shares)] };
  return { marks: [mark], xaxis: xAxis("", bare), ...rowNames(names, { letters: 12 }), left: CARD_LEFT };
}

/** Most bins of whole numbers, as data are described. */
const WHOLE_BINS = 20;

/** The room of twelve letters. */
const CARD_LEFT = 112;

function histogramPanel(column: ColumnSummary, bins: readonly number[]): Panel {
  const { name, type, quantiles } = column;
  const [min, max] = [column.min ?? 0, column.max ?? 0];
  const text = (value: number): string => valueText(column, value);
  const isWhole = type === "integer";
  const width = isWhole ? wholeWidth(min, max, WHOLE_BINS) : (max - min) / bins.length;
  const place = (value: number): number => rounded((value - min + (isWhole ? 0.5 : 0)) / width);
  const inBin = (bin: number): string => {
    const [from, to] = [min + width * bin, Math.min(max, min + width * (bin + 1) - (isWhole ? 1 : 0))];
    return from === to ? text(from) : `${text(from)} to ${text(to)}`;
  };
  const mark = bars({
    at: bins.map((_, bin) => bin + 0.5),
    values: bins,
    color: PLAIN,
    width: 0.94,
    hover: bins.map((rows, bin) => markup`${name}, ${inBin(bin)}<br>${count(rows, "row")}`),
  });
  const share = (quantiles![1] - min) / (max - min);
  // Otherwise the median's number would run into another. Dates are below the card.
  const middle = share > 0.3 && share < 0.7 ? [quantiles![1]] : [];
  const texts = type === "timestamp" ? [] : [min, ...middle, max];
  const places = texts.map(place);
  const xaxis = xAxis("", { tickvals: places, ticktext: texts.map(text), showgrid: false, range: [0, bins.length] });
  return { marks: [mark], xaxis, yaxis: { showticklabels: false, ticks: "", nticks: 3 }, left: CARD_LEFT };
}

function columnsTitle({ columns, rows }: TableSummary): string {
  const gaps = columns.filter((column) => column.missing > 0).length;
  const cut = columns.length > MAX_COLUMNS ? `, the first ${MAX_COLUMNS} drawn` : "";
  const doubtful = columns.filter((column) => columnFindings(column, rows).length > 0);
  const most = highest(columns, ({ unseen }) => unseen ?? 0);
  return sentence([
    `${count(columns.length, "column")} of ${count(rows, "row")}${cut}`,
    gaps === 0 ? "no value is missing" : `values are missing in ${count(gaps, "column")}`,
    doubtful.length === 0
      ? null
      : `${count(doubtful.length, "column")} to look at, such as ${inTitle(doubtful[0]!.name)}`,
    isCompared(columns) && !most?.unseen ? "training holds every value" : null,
  ]);
}
