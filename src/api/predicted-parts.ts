/** Predictions of rows that need not fit into memory: part by part, beside columns of the rows themselves. */
import {
  type ColumnInfo,
  type EncodedData,
  openTable,
  type PredictionRows,
  type RawColumn,
  sharedInts,
  type Table,
} from "../data/index.js";
import type { Engine } from "../engine/engine.js";
import { predict } from "../train/index.js";
import { type PredictionColumn, predictionColumns } from "./predictions.js";

/** Which columns the output has. */
export interface PredictedColumns {
  /** Columns of the rows to copy, in front. */
  readonly reserve: readonly string[];
  /** Every domain's prediction of every row, or its own domain's alone. */
  readonly everyDomain: boolean;
}

/** Some rows of the output. */
export interface PredictedPart {
  readonly columns: readonly ColumnInfo[];
  readonly values: ReadonlyMap<string, RawColumn>;
}

/**
 * Predicts a table's rows in their order. Throws a DataError where the rows do not fit the model or, before anything is
 * predicted, where a column to copy is not there.
 */
export async function* predictedParts(
  engine: Engine,
  table: Table,
  rows: PredictionRows,
  { reserve, everyDomain }: PredictedColumns,
): AsyncGenerator<PredictedPart> {
  const reserved = table.select(...reserve).columns;
  for await (const { encoded, columns } of rows.parts(reserve)) {
    const predicted = await openTable(await predictions(engine, encoded, everyDomain));
    const kept = reserve.map((name) => [name, columns.get(name) as RawColumn] as const);
    yield {
      columns: [...reserved, ...predicted.columns],
      values: new Map([...kept, ...(await predicted.read())]),
    };
  }
}

/** Columns by name. Which domain's towers are asked is a matter of routing alone: the gates see the features. */
async function predictions(
  engine: Engine,
  data: EncodedData,
  everyDomain: boolean,
): Promise<Record<string, PredictionColumn>> {
  const { spec } = engine;
  if (spec.domains === null || !everyDomain) return predictionColumns(spec, await predict(engine, data));
  const columns: Record<string, PredictionColumn> = {};
  for (let domain = 0; domain < spec.domains.count; domain++) {
    const domains = sharedInts(data.rows).fill(domain);
    Object.assign(columns, predictionColumns(spec, await predict(engine, { ...data, domains }), domain));
  }
  return columns;
}
