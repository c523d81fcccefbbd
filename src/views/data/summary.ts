/** The summary of a data set: columns, positive rates of labels, and hashed features of a model. */

import type { ColumnSummary, Finding, HashSharing, TableCheck, TableSummary } from "../../data/index.js";
import { count, percent } from "../../util/text/format.js";
import { visibleLine } from "../../util/text/visible.js";
import type { Cell } from "../format.js";
import { ALL_ROWS } from "../names.js";
import { type Column, makeSheet, type Sheet } from "../view.js";
import { shareOfRows, unseenColumns } from "./columns.js";

/** Number of frequent values to show. */
const MOST_FREQUENT = 3;

/** One row per column: type, missing, distinct, range, most frequent values. */
export function summarySheet({ columns, rows, source }: TableSummary, caption: string | null = null): Sheet {
  return makeSheet<ColumnSummary>(
    caption ?? `${count(rows, "row")}, ${visibleLine(source)}`,
    [
      { key: "column", heading: "column", kind: "text", value: ({ name }) => name },
      { key: "type", heading: "type", kind: "text", value: ({ type }) => type },
      { key: "missing", heading: "missing", kind: "count", value: ({ missing }) => missing },
      { key: "distinct", heading: "distinct", kind: "count", value: ({ distinct }) => distinct },
      ...unseenColumns(columns, rows),
      { key: "min", heading: "min", kind: "any", value: (column) => valueCell(column, column.min) },
      { key: "p05", heading: "5%", kind: "any", value: (column) => valueCell(column, column.quantiles?.[0]) },
      { key: "median", heading: "median", kind: "any", value: (column) => valueCell(column, column.quantiles?.[1]) },
      { key: "p95", heading: "95%", kind: "any", value: (column) => valueCell(column, column.quantiles?.[2]) },
      { key: "max", heading: "max", kind: "any", value: (column) => valueCell(column, column.max) },
      { key: "mean", heading: "mean", kind: "any", value: (column) => valueCell(column, column.mean) },
      {
        key: "std",
        heading: "std",
        kind: "number",
        value: ({ type, deviation }) => (type === "timestamp" ? null : deviation),
      },
      { key: "most_frequent", kind: "any", value: ({ top }) => top[0]?.value },
      { heading: "most frequent", kind: "text", value: (column) => frequentText(column, rows) },
    ],
    columns,
  );
}

/** The last time that JavaScript has, in milliseconds since 1970. */
const LATEST = 8.64e15;

/** A number, or for a column of times its date and time in UTC. */
function valueCell({ type }: ColumnSummary, value: number | null | undefined): Cell | null {
  if (value == null || type !== "timestamp" || Math.abs(value) > LATEST) return value ?? null;
  const time = new Date(value).toISOString();
  return time.endsWith("T00:00:00.000Z") ? time.slice(0, 10) : `${time.slice(0, 19)}Z`;
}

/** One row per domain, all rows first: the share of positive rows of each label. */
export function positiveRatesSheet(summary: TableSummary, domainNames: readonly string[]): Sheet {
  interface Row {
    readonly domain: string;
    readonly rows: number;
    readonly rates: Readonly<Record<string, number | null>>;
  }
  const byDomain = summary.domains.map(({ domain, rows, positiveRates }, index): Row => {
    return { domain: domainNames[index] ?? String(domain), rows, rates: positiveRates };
  });
  return makeSheet<Row>(
    "Positive rows by domain",
    [
      { key: "domain", heading: "domain", kind: "text", value: ({ domain }) => domain },
      { key: "rows", heading: "rows", kind: "count", value: ({ rows }) => rows },
      ...Object.keys(summary.positiveRates).map(
        (label): Column<Row> => ({
          key: label,
          heading: label,
          kind: "share",
          digits: 2,
          value: ({ rates }) => rates[label],
        }),
      ),
    ],
    [{ domain: ALL_ROWS, rows: summary.rows, rates: summary.positiveRates }, ...byDomain],
  );
}

/** One row per hashed feature: number of values that share a row of the embedding table. */
export function hashedFeaturesSheet(features: readonly HashSharing[]): Sheet {
  const estimated = features.some(({ exact }) => !exact);
  return makeSheet<HashSharing>(
    `Hashed features${estimated ? " (estimates if there are more values than are counted)" : ""}`,
    [
      { key: "feature", kind: "text", value: ({ feature }) => feature },
      { heading: "feature", kind: "text", value: ({ feature, exact }) => (exact ? feature : `${feature} (estimate)`) },
      { key: "exact", kind: "flag", value: ({ exact }) => exact },
      { key: "size", heading: "size", kind: "count", value: ({ size }) => size },
      { key: "values", heading: "values", kind: "count", value: ({ values }) => values },
      { key: "rows_taken", heading: "rows taken", kind: "count", value: ({ rows }) => rows },
      { key: "sharing", heading: "values that share a row", kind: "count", value: ({ sharing }) => sharing },
      {
        key: "sharing_share",
        heading: "share",
        kind: "share",
        digits: 1,
        value: ({ sharing, values }) => shareOfRows(sharing, values),
      },
      { key: "size_that_helps", heading: "size that helps", kind: "count", value: ({ larger }) => larger?.size },
    ],
    features,
  );
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

/** One row per finding, errors first. */
export function findingsSheet({ findings, rows, source }: TableCheck): Sheet {
  return makeSheet<Finding>(
    `${count(rows, "row")}, ${source}`,
    [
      { key: "severity", heading: "severity", kind: "text", value: ({ severity }) => severity },
      { key: "path", heading: "place", kind: "text", value: ({ path }) => path },
      { key: "message", heading: "message", kind: "text", value: ({ message }) => message },
      { key: "rows", heading: "rows", kind: "count", value: (finding) => finding.rows },
      { key: "share", heading: "share", kind: "share", digits: 1, value: (finding) => shareOfRows(finding.rows, rows) },
      { key: "example", heading: "example", kind: "text", value: ({ examples: [first] }) => first?.value },
      { key: "expected", heading: "expected", kind: "text", value: ({ expected }) => expected },
      { key: "fix", heading: "fix", kind: "text", value: ({ fix }) => fix },
    ],
    findings,
  );
}
