/** Positive rates of labels by domain. */
import { domainColumns } from "../evaluation/index.js";
import { makeSheet, type Sheet } from "../sheet.js";
import { shareOfRows } from "./columns.js";

/** Rows and positive rows of a domain. */
export interface PositiveRows {
  readonly rows: number;
  readonly positives: number;
}

/** Rows and positive rows of one label. */
export interface LabelRate extends PositiveRows {
  readonly label: string;
  /** In domain order; empty without domains. */
  readonly domains: readonly PositiveRows[];
}

interface Row extends PositiveRows {
  readonly label: string;
  readonly domain: number;
}

/** One row per label and domain, all rows first. */
export function labelRatesSheet(rates: readonly LabelRate[], domainNames: readonly string[]): Sheet {
  return makeSheet<Row>(
    "Positive rows by label and domain",
    [
      { key: "label", heading: "label", kind: "text", value: ({ label }) => label },
      ...domainColumns<Row>(domainNames),
      { key: "rows", heading: "rows", kind: "count", value: ({ rows }) => rows },
      { key: "positives", heading: "positive rows", kind: "count", value: ({ positives }) => positives },
      {
        key: "share",
        heading: "share",
        kind: "share",
        digits: 2,
        value: ({ positives, rows }) => shareOfRows(positives, rows),
      },
    ],
    rates.flatMap(({ label, domains, ...overall }) =>
      [overall, ...domains].map(({ rows, positives }, index) => ({ label, domain: index - 1, rows, positives })),
    ),
  );
}
