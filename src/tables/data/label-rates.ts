/** Positive rates of labels by domain. */
import type { Column } from "../column.js";
import { domainColumns } from "../evaluation/index.js";
import { makeSheet, type Sheet } from "../sheet.js";
import { shareOfRows } from "./columns.js";

/** Rows and positive rows of a domain. */
export interface PositiveRows {
  readonly rows: number;
  readonly positives: number;
  /** Ends of the interval of the share; missing without rows. */
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  /** The training rows, if they are known. */
  readonly training?: { readonly rows: number; readonly positives: number } | undefined;
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

const TRAINING: readonly Column<Row>[] = [
  { key: "training_rows", heading: "training rows", kind: "count", value: ({ training }) => training?.rows },
  { key: "training_positives", heading: "positive", kind: "count", value: ({ training }) => training?.positives },
  {
    key: "training_share",
    heading: "share",
    kind: "share",
    digits: 2,
    value: ({ training }) => training && shareOfRows(training.positives, training.rows),
  },
];

/** One row per label and domain, all rows first. */
export function labelRatesSheet(rates: readonly LabelRate[], domainNames: readonly string[]): Sheet {
  return makeSheet<Row>(
    "Positive rows by label and domain, with 95% Wilson intervals",
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
      { key: "low", heading: "low", kind: "share", digits: 2, value: ({ low }) => low },
      { key: "high", heading: "high", kind: "share", digits: 2, value: ({ high }) => high },
      ...(rates.some(({ training }) => training !== undefined) ? TRAINING : []),
    ],
    rates.flatMap(({ label, domains, ...overall }) =>
      [overall, ...domains].map((cell, index) => ({ ...cell, label, domain: index - 1 })),
    ),
  );
}
