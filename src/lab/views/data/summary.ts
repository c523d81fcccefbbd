/** Tables of a data set: rates, hashed features, and findings of a check. */
import type { TableCheck } from "../../../core/data/check/reported.js";
import type { HashSharing } from "../../../core/data/encode/sharing.js";
import type { TableSummary } from "../../../core/data/summary/describe.js";
import type { Finding } from "../../../core/errors/finding.js";
import type { MarkedText } from "../../../core/util/measured.js";
import { count } from "../../../core/util/text.js";
import { ALL_ROWS, col, type Sheet, sheetFrom } from "../view.js";
import { shareOfRows } from "./columns.js";

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

export function checkSheet({ findings, rows, source }: TableCheck): Sheet {
  return findingsSheet(`${count(rows, "row")}, ${source}`, findings, rows);
}

/** Findings of any judges. @param rows of the table that they describe */
export function findingsSheet(
  caption: string | MarkedText,
  findings: readonly Finding[],
  rows: number | null = null,
): Sheet {
  const has = (part: "size" | "expected"): boolean => findings.some((finding) => finding[part] !== undefined);
  return sheetFrom(caption, findings, [
    col.text("severity", ({ severity }) => severity),
    col.text("judge", ({ judge }) => judge),
    col.text(["path", "place"], ({ path }) => path),
    col.text("message", ({ message }) => message),
    has("size") && col.number("size", ({ size }) => size, 2),
    rows !== null && [
      col.count<Finding>("rows", (finding) => finding.rows),
      col.share<Finding>("share", (finding) => shareOfRows(finding.rows, rows), 1),
      col.text<Finding>("example", ({ examples, received }) => examples?.[0]?.value ?? received),
    ],
    has("expected") && col.text("expected", ({ expected }) => expected),
    col.text(["fix", "what may help"], ({ fix }) => fix),
  ]);
}
