/** Compares a table with the training rows: the distribution of each column, and the rate of each label. */
import { type Drift, drifts, type RateDrift, rateDrifts } from "../../metrics/drift.js";
import { asIds } from "../cells.js";
import { columnRows, type RawColumn, type ScalarColumn } from "../table/column.js";
import { countBoth, type DriftBins, itemCounts, quantileCounts, unseenByChance, valueBins } from "./drift-bins.js";
import type { LabelCounts } from "./label-counts.js";

/** What two samples of a column are compared by: quantiles of numbers, values, or the number of items of lists. */
export type DriftMeasure = "quantiles" | "values" | "items";

/** How far a column moved from the training rows. */
export interface ColumnDrift extends Drift {
  readonly name: string;
  readonly by: DriftMeasure;
  readonly bins: readonly DriftBin[];
  /** Share of rows with a value that training lacks; `null` for quantiles and items. */
  readonly unseen: number | null;
  /** The share that chance alone would leave out of training: large for ids with few rows each. */
  readonly unseenByChance: number | null;
}

/** One bin of a column. */
export interface DriftBin {
  /** Its values: `3 to 7`, `beauty`, `(12 others)`, `(missing)`. */
  readonly name: string;
  readonly training: number;
  /** Rows of this table. */
  readonly here: number;
}

/** How far the rate of a label moved from the training rows. */
export interface LabelDrift {
  readonly label: string;
  /** Over all rows. */
  readonly overall: RateDrift;
  /** In the order of the summary's domains. */
  readonly domains: readonly RateDrift[];
}

/** A table compared with the training rows. */
export interface DriftReport {
  /** The source of the training rows. */
  readonly training: string;
  readonly trainingRows: number;
  readonly rows: number;
  /** In the order of the source, without labels and times. */
  readonly columns: readonly ColumnDrift[];
  /** In the order of the labels. */
  readonly labels: readonly LabelDrift[];
  /** Columns that were not compared, with the reason. */
  readonly notes: readonly string[];
  /** Share of tables without drift in which no column, and no label, is beyond noise. */
  readonly level: number;
}

const level = 0.95;
/** Whole numbers with more values are compared by quantiles. */
const mostValues = 20;

/** A column before the correction for the number of columns. */
export type BinnedColumn = Omit<ColumnDrift, keyof Drift>;

/** Bins a column and its training rows; `null` if only one has lists. @param isId numbers are ids: compared by value */
export function binnedColumn(name: string, training: RawColumn, here: RawColumn, isId: boolean): BinnedColumn | null {
  if (training.kind === "list" && here.kind === "list") {
    return { name, by: "items", ...listed(quantileCounts(itemCounts(training), itemCounts(here))), ...noUnseen };
  }
  if (training.kind === "list" || here.kind === "list") return null;
  const quantiles = (): BinnedColumn | null => {
    if (isId || training.kind !== "number" || here.kind !== "number") return null;
    return { name, by: "quantiles", ...listed(quantileCounts(training, here)), ...noUnseen };
  };
  const areFractions = [training, here].some((column) => column.kind === "number" && column.type === "float");
  if (areFractions) return quantiles() ?? valued(name, training, here);
  const counts = countBoth(ids(training), ids(here));
  return (counts.size > mostValues ? quantiles() : null) ?? valued(name, training, here, counts);
}

/** @param counts of the values as ids, if they are known */
function valued(
  name: string,
  training: ScalarColumn,
  here: ScalarColumn,
  counts: ReturnType<typeof countBoth> = countBoth(ids(training), ids(here)),
): BinnedColumn {
  const rows = Math.max(1, columnRows(here));
  let unseen = 0;
  for (const [a, b] of counts.values()) if (a === 0) unseen += b;
  return {
    name,
    by: "values",
    ...listed(valueBins(training, here, counts)),
    unseen: unseen / rows,
    unseenByChance: unseenByChance(counts) / rows,
  };
}

/** Booleans and times as text: the ids of scalars are scalars. */
function ids(column: ScalarColumn): ScalarColumn {
  return asIds(column) as ScalarColumn;
}

const noUnseen = { unseen: null, unseenByChance: null };

function listed({ names, training, here }: DriftBins): Pick<ColumnDrift, "bins"> {
  return { bins: names.map((name, bin) => ({ name, training: training[bin]!, here: here[bin]! })) };
}

/** What is compared. */
export interface DriftParts extends Pick<DriftReport, "training" | "trainingRows" | "rows" | "notes"> {
  readonly columns: readonly BinnedColumn[];
  /** The labels' counts in the training rows and here, domain by domain. */
  readonly labels: readonly { readonly training: LabelCounts; readonly here: LabelCounts }[];
}

/** Tests all columns together, and all rates together. */
export function driftReport({ columns, labels, ...parts }: DriftParts): DriftReport {
  const samples = columns.map(({ bins }) => ({
    training: bins.map(({ training }) => training),
    here: bins.map(({ here }) => here),
  }));
  const tested = drifts(samples, level);
  const pairs = labels.flatMap(({ training, here }) => [
    { training: counted(training), here: counted(here) },
    ...here.domains.map((domain, d) => ({ training: training.domains[d]!, here: domain })),
  ]);
  const rates = rateDrifts(pairs, level);
  return {
    ...parts,
    columns: columns.map((column, at) => ({ ...column, ...tested[at]! })),
    labels: labels.map(({ here }): LabelDrift => {
      const [overall, ...domains] = rates.splice(0, 1 + here.domains.length);
      return { label: here.label, overall: overall!, domains };
    }),
    level,
  };
}

function counted({ rows, positives }: LabelCounts): RateDrift["here"] {
  return { rows, positives };
}
