import type { TableCheck } from "../../data/check/reported.js";
import type { HashSharing } from "../../data/encode/sharing.js";
import type { ColumnSummary, TableSummary } from "../../data/summary/describe.js";
import { count, percent, visibleLine } from "../../util/text.js";
import type { Cell } from "../format.js";
import { ALL_ROWS, col, type Sheet, sheetFrom } from "../view.js";
import { isCompared, shareOfRows, unseenColumn } from "./columns.js";

const MOST_FREQUENT = 3;

export function summarySheet({ columns, rows, source }: TableSummary, caption: string | null = null): Sheet {
  return sheetFrom(caption ?? `${count(rows, "row")}, ${visibleLine(source)}`, columns, [
    col.text("column", ({ name }) => name),
    col.text("type", ({ type }) => type),
    col.count("missing", ({ missing }) => missing),
    col.count("distinct", ({ distinct }) => distinct),
    isCompared(columns) && unseenColumn(rows),
    col.any("min", (column) => valueCell(column, column.min)),
    col.any(["p05", "5%"], (column) => valueCell(column, column.quantiles?.[0])),
    col.any("median", (column) => valueCell(column, column.quantiles?.[1])),
    col.any(["p95", "95%"], (column) => valueCell(column, column.quantiles?.[2])),
    col.any("max", (column) => valueCell(column, column.max)),
    col.any("mean", (column) => valueCell(column, column.mean)),
    col.number("std", ({ type, deviation }) => (type === "timestamp" ? null : deviation)),
    col.any(["most_frequent", null], ({ top }) => top[0]?.value),
    col.text([null, "most frequent"], (column) => frequentText(column, rows)),
  ]);
}

/** The last time that JavaScript has, in milliseconds since 1970. */
const LATEST = 8.64e15;

/** A number, or for a column of times its date and time in UTC. */
function valueCell({ type }: ColumnSummary, value: number | null | undefined): Cell | null {
  if (value == null || type !== "timestamp" || Math.abs(value) > LATEST) return value ?? null;
  const time = new Date(value).toISOString();
  return time.endsWith("T00:00:00.000Z") ? time.slice(0, 10) : `${time.slice(0, 19)}Z`;
}

export function positiveRatesSheet(summary: TableSummary, domainNames: readonly string[]): Sheet {
  const byDomain = summary.domains.map((each, index) => {
    return { ...each, domain: domainNames[index] ?? String(each.domain) };
  });
  const rows = [{ ...summary, domain: ALL_ROWS }, ...byDomain];
  return sheetFrom("Positive rows by domain", rows, [
    col.text("domain", ({ domain }) => domain),
    col.count("rows", ({ rows }) => rows),
    Object.keys(summary.positiveRates).map((label) => col.share(label, ({ positiveRates }) => positiveRates[label], 2)),
  ]);
}

export function hashedFeaturesSheet(features: readonly HashSharing[]): Sheet {
  const estimated = features.some(({ exact }) => !exact);
  const caption = `Hashed features${estimated ? " (estimates if there are more values than are counted)" : ""}`;
  return sheetFrom(caption, features, [
    col.text(["feature", null], ({ feature }) => feature),
    col.text([null, "feature"], ({ feature, exact }) => (exact ? feature : `${feature} (estimate)`)),
    col.flag(["exact", null], ({ exact }) => exact),
    col.count("size", ({ size }) => size),
    col.count("values", ({ values }) => values),
    col.count(["rows_taken", "rows taken"], ({ rows }) => rows),
    col.count(["sharing", "values that share a row"], ({ sharing }) => sharing),
    col.share(["sharing_share", "share"], ({ sharing, values }) => shareOfRows(sharing, values), 1),
    col.count(["size_that_helps", "size that helps"], ({ larger }) => larger?.size),
  ]);
}

function frequentText(column: ColumnSummary, rows: number): string {
  return column.top
    .slice(0, MOST_FREQUENT)
    .map((each) => `${valueText(column, each.value)} (${percent(each.rows / rows, 1)})`)
    .join(", ");
}

/** Four significant digits of a fraction: the float32 nearest to 0.1 has nine. */
function valueText(column: ColumnSummary, value: string | number | boolean): string {
  if (typeof value !== "number" || column.type === "timestamp")
    return String(typeof value === "number" ? valueCell(column, value) : value);
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}

export function findingsSheet({ findings, rows, source }: TableCheck): Sheet {
  return sheetFrom(`${count(rows, "row")}, ${source}`, findings, [
    col.text("severity", ({ severity }) => severity),
    col.text(["path", "place"], ({ path }) => path),
    col.text("message", ({ message }) => message),
    col.count("rows", (finding) => finding.rows),
    col.share("share", (finding) => shareOfRows(finding.rows, rows), 1),
    col.text("example", ({ examples: [first] }) => first?.value),
    col.text("expected", ({ expected }) => expected),
    col.text("fix", ({ fix }) => fix),
  ]);
}
