/** Predictions of rows that need not fit into memory: part by part, beside columns of the rows themselves. */
import {
  type ColumnInfo,
  type EncodedData,
  openTable,
  type PredictionRows,
  type RawColumn,
  type Table,
} from "../../../data/index.js";
import type { PredictionColumn } from "../columns.js";

/** Predicts some rows: columns by name. */
export type Predictor = (rows: EncodedData) => Promise<Record<string, PredictionColumn>>;

/** Some rows of the output. */
export interface PredictedPart {
  readonly columns: readonly ColumnInfo[];
  readonly values: ReadonlyMap<string, RawColumn>;
}

/**
 * Predicts a table's rows in their order. Throws a DataError where the rows do not fit the model or, before anything is
 * predicted, where a column to copy is not there.
 *
 * @param reserve columns of the rows to copy, in front
 */
export async function* predictedParts(
  predict: Predictor,
  table: Table,
  rows: PredictionRows,
  reserve: readonly string[],
): AsyncGenerator<PredictedPart> {
  const reserved = table.select(...reserve).columns;
  for await (const { encoded, columns } of rows.parts(reserve)) {
    const predicted = await openTable(await predict(encoded));
    const kept = reserve.map((name) => [name, columns.get(name)!] as const);
    yield {
      columns: [...reserved, ...predicted.columns],
      values: new Map([...kept, ...(await predicted.read())]),
    };
  }
}
