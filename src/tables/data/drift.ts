/** Columns and labels compared with the training rows. */
import type { ColumnDrift, DriftReport } from "../../data/index.js";
import type { RateDrift } from "../../metrics/index.js";
import { count } from "../../util/text/format.js";
import type { Column } from "../column.js";
import { ALL_ROWS, nameDomains } from "../names/index.js";
import { makeSheet, type Sheet } from "../sheet.js";
import { shareOfRows } from "./columns.js";

/** One row of the table: a column, or a label in a domain. */
type Row =
  | { readonly column: ColumnDrift; readonly rate?: undefined; readonly label?: undefined }
  | { readonly label: string; readonly domain: number; readonly rate: RateDrift; readonly column?: undefined };

/** One row per column, those with most drift first, then one per label and domain. `null`: no training rows. */
export function driftSheet(drift: DriftReport | null, domainNames: readonly string[] = []): Sheet {
  const columns = sortedDrift(drift).map((column): Row => ({ column }));
  const labels = (drift?.labels ?? []).flatMap(({ label, overall, domains }) =>
    [overall, ...domains].map((rate, place): Row => ({ label, domain: place - 1, rate })),
  );
  const most = Math.max(0, ...(drift?.labels ?? []).map(({ domains }) => domains.length));
  const names = nameDomains(domainNames, most);
  return makeSheet<Row>(
    drift === null
      ? "Drift: no training rows to compare with"
      : `Drift from ${count(drift.trainingRows, "training row")} to ${count(drift.rows, "row")}`,
    [
      { key: "column", heading: "column", kind: "text", value: (row) => row.column?.name ?? row.label },
      { key: "compared", heading: "compared by", kind: "text", value: (row) => row.column?.by ?? "rate" },
      ...rateColumns(names),
      ...columnColumns,
      {
        key: "beyond_noise",
        heading: "beyond noise",
        kind: "flag",
        value: (row) => (row.column ?? row.rate)?.isBeyondNoise,
      },
      {
        key: "p_adjusted",
        heading: "p corrected",
        kind: "number",
        digits: 4,
        value: (row) => (row.column ?? row.rate)?.adjustedPValue,
      },
    ],
    [...columns, ...labels],
  );
}

/** The columns by their index, largest first; those that cannot be compared last. */
export function sortedDrift(drift: DriftReport | null): ColumnDrift[] {
  return [...(drift?.columns ?? [])].sort((a, b) => (b.psi ?? -1) - (a.psi ?? -1));
}

/** The share of a sample's rows in its label or bin. */
export function rateShare({ positives, rows }: RateDrift["here"]): number | null {
  return shareOfRows(positives, rows);
}

const columnColumns: readonly Column<Row>[] = [
  { key: "psi", heading: "PSI", kind: "number", digits: 4, value: ({ column }) => column?.psi },
  { key: "psi_floor", heading: "PSI floor", kind: "number", digits: 4, value: ({ column }) => column?.psiFloor },
  { key: "js", heading: "JS distance", kind: "number", digits: 4, value: ({ column }) => column?.jensenShannon },
  {
    key: "js_floor",
    heading: "JS floor",
    kind: "number",
    digits: 4,
    value: ({ column }) => column?.jensenShannonFloor,
  },
  { key: "bins", heading: "bins", kind: "count", value: ({ column }) => column?.bins.length },
  {
    key: "not_in_training",
    heading: "not in training",
    kind: "share",
    digits: 2,
    value: ({ column }) => column?.unseen,
  },
  {
    key: "not_in_training_by_chance",
    heading: "by chance",
    kind: "share",
    digits: 2,
    value: ({ column }) => column?.unseenByChance,
  },
];

function rateColumns(names: readonly string[]): readonly Column<Row>[] {
  return [
    {
      key: "domain",
      heading: "domain",
      kind: "text",
      value: (row) => (row.rate === undefined ? null : row.domain < 0 ? ALL_ROWS : names[row.domain]),
    },
    {
      key: "rate_training",
      heading: "rate in training",
      kind: "share",
      digits: 2,
      value: (row) => row.rate && rateShare(row.rate.training),
    },
    {
      key: "rate",
      heading: "rate here",
      kind: "share",
      digits: 2,
      value: (row) => row.rate && rateShare(row.rate.here),
    },
    { key: "difference", heading: "difference", kind: "number", digits: 4, value: (row) => row.rate?.value },
    { key: "low", heading: "low", kind: "number", digits: 4, value: (row) => row.rate?.low },
    { key: "high", heading: "high", kind: "number", digits: 4, value: (row) => row.rate?.high },
  ];
}
