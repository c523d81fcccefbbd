/** How an evaluation measures, and what that needs of the data. */
import type { RowGroupOptions, RowGroups, Table } from "../../data/index.js";
import { expressionColumn, type ModelSpec } from "../../spec/index.js";
import type { EvaluateOptions, IntervalOptions, UserColumn } from "../../train/index.js";
import { count } from "../../util/format.js";
import type { ReferenceColumns } from "./score-columns.js";

/** How an evaluation measures. */
export interface EvaluationOptions {
  /** AUC by sorting, or streamed in bounded memory within a stated bound. Default: exact up to 50 million rows. */
  readonly auc?: "exact" | "streaming";
  /** Bootstrap intervals of every metric, and how. Default: up to 100,000 rows. */
  readonly intervals?: boolean | IntervalOptions;
  /**
   * Column that says whose row each is: for the mean AUC of users, and so that intervals draw whole users. Default: the
   * key of the model's first `grouped_auc`; without one, or where this is `null`, rows are drawn. It is never guessed.
   */
  readonly user?: string | null;
  /**
   * Metrics by the values of any column of the data instead of by domain: the 20 most frequent, the others pooled; ten
   * bins of as many rows each for numbers of more values, unless the model reads the column as ids.
   */
  readonly by?: string | RowsByColumn;
  /**
   * Scores that the rows bring along, a column per task, whose AUCs are shown beside the model's: the true probabilities
   * of generated data, or a production model's predictions.
   */
  readonly references?: ReferenceColumns;
}

/** By which column, and how it is cut. */
export interface RowsByColumn extends RowGroupOptions {
  /** The column whose values, or bins of values, stand in the place of domains. */
  readonly column: string;
}

/** Up to so many rows intervals are made where nothing is asked for: they take about a second. */
export const usualIntervalRows = 100_000;

/** What a measurement needs, read from the data; with what a reader has to know. */
export interface ReadOptions {
  readonly evaluate: EvaluateOptions;
  readonly notes: readonly string[];
}

/** Reads the columns that options name. Throws a DataError for one that is not there or does not fit. */
export async function readOptions(spec: ModelSpec, table: Table, options: EvaluationOptions): Promise<ReadOptions> {
  const { auc, intervals = table.rows <= usualIntervalRows } = options;
  const users = await userColumn(spec, table, options.user);
  const by = options.by === undefined ? null : await groupsOf(spec, table, options.by);
  return {
    evaluate: {
      ...(auc === undefined ? {} : { auc }),
      intervals: intervals === true ? {} : intervals === false ? null : intervals,
      users,
      ...(by === null ? {} : { by }),
    },
    notes: [...userNotes(users), ...(by?.notes ?? [])],
  };
}

/** The column that says whose row each is: the one named, or the model's own; `null`: none. */
export async function userColumn(
  spec: ModelSpec,
  table: Table,
  named: string | null | undefined,
): Promise<UserColumn | null> {
  const name = named === undefined ? groupingColumn(spec) : named;
  if (name === null) return null;
  const { userCodes } = await import("../../data/index.js");
  const column = (await table.read([name])).get(name);
  return column === undefined ? null : { name, codes: userCodes(name, column) };
}

/** What to know of rows that have no user. */
export function userNotes(users: UserColumn | null): string[] {
  const unknown = users?.codes.reduce((count, code) => count + (code < 0 ? 1 : 0), 0) ?? 0;
  if (unknown === 0) return [];
  return [
    `${count(unknown, "row")} have no ${users?.name}: intervals draw them one by one, and the AUC of users leaves them out`,
  ];
}

/** The data's column behind the key of the model's first grouped AUC. */
function groupingColumn(spec: ModelSpec): string | null {
  const keys = spec.towers.flatMap(({ metrics }) =>
    metrics.flatMap((metric) => (metric.kind === "grouped_auc" ? [metric.groupingKey] : [])),
  );
  const feature = spec.features.find(({ name }) => name === keys[0]);
  if (feature !== undefined && "expression" in feature) return expressionColumn(feature.expression);
  return keys[0] ?? null;
}

async function groupsOf(spec: ModelSpec, table: Table, by: string | RowsByColumn): Promise<RowGroups> {
  const { rowGroups } = await import("../../data/index.js");
  const { column, ...options } = typeof by === "string" ? { column: by } : by;
  const values = (await table.read([column])).get(column);
  const isId = spec.features.some(
    (feature) => feature.kind === "id" && expressionColumn(feature.expression) === column,
  );
  return rowGroups(column, values as NonNullable<typeof values>, { ...(isId ? { as: "values" } : {}), ...options });
}
