/** Collects the comparison of a table with the training rows, column by column. */
import { expressionColumn, type ModelSpec } from "../../spec/index.js";
import type { ColumnInfo, RawColumn } from "../table/column.js";
import type { Table } from "../table/table.js";
import { type BinnedColumn, binnedColumn, type DriftReport, driftReport } from "./drift.js";
import { type CountedLabels, countLabels, type LabelCounts, presentLabels } from "./label-counts.js";
import { guessLeakColumns } from "./leaks.js";

/** A comparison of a table with training rows. */
export interface Comparison {
  /** The training rows' columns that can be compared. */
  read(columns: readonly ColumnInfo[]): Promise<Map<string, RawColumn>>;
  /** Adds a column. */
  add(name: string, training: RawColumn, here: RawColumn): void;
  /** Tests all columns. */
  report(): DriftReport;
}

/** What the columns are. */
export interface ComparedColumns {
  readonly labels: readonly string[];
  readonly domain: string | null | undefined;
  readonly spec: ModelSpec | undefined;
}

/**
 * Begins a comparison: counts the labels of the training rows.
 * @param here the labels of `table`
 */
export async function comparisonWith(
  training: Table,
  table: Table,
  { labels, domain, spec }: ComparedColumns,
  here: CountedLabels,
): Promise<Comparison> {
  const present = presentLabels(training, labels, spec);
  const byDomain = domain != null && training.has(domain) ? domain : null;
  const trained = await countLabels(training, present, byDomain, spec);
  const places = new Map(trained.domains.map((each, place) => [String(each.domain), place]));
  const matched = trained.labels.map(({ domains, ...label }): LabelCounts => {
    const inOrder = here.domains.map((each) => domains[places.get(String(each.domain)) ?? -1]);
    return { ...label, domains: inOrder.map((each) => each ?? { rows: 0, positives: 0 }) };
  });
  // Every time is new, so times always differ.
  const time = guessLeakColumns(training)?.time;
  const ids = new Set(
    (spec?.features ?? []).flatMap((feature) =>
      feature.kind === "id" ? [expressionColumn(feature.expression) ?? ""] : [],
    ),
  );
  const skipped = new Set(labels);
  const notes = labels.filter((label) => !present.includes(label)).map((label) => `${label}: training rows lack it`);
  const columns: BinnedColumn[] = [];
  return {
    read(part) {
      const isTime = ({ name, type }: ColumnInfo): boolean => name === time || type === "timestamp";
      const compared = part.filter((column) => training.has(column.name) && !isTime(column));
      for (const column of part) {
        if (!training.has(column.name) && !skipped.has(column.name))
          notes.push(`${column.name}: training rows lack it`);
        else if (isTime(column)) notes.push(`${column.name}: times always differ`);
      }
      return training.read(compared.map(({ name }) => name));
    },
    add(name, trainingColumn, column) {
      if (skipped.has(name)) return;
      const binned = binnedColumn(name, trainingColumn, column, ids.has(name));
      if (binned === null) notes.push(`${name}: only one of both has lists`);
      else columns.push(binned);
    },
    report: () =>
      driftReport({
        training: training.source,
        trainingRows: training.rows,
        rows: table.rows,
        columns,
        labels: matched.map((label) => ({
          training: label,
          here: here.labels.find((each) => each.label === label.label)!,
        })),
        notes,
      }),
  };
}
