/** Predicts rows in chunks, so that they need not fit into memory, and copies columns of the rows. */
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

/** A chunk of output rows. */
export interface PredictedPart {
  readonly columns: readonly ColumnInfo[];
  readonly values: ReadonlyMap<string, RawColumn>;
}

/**
 * Predicts a table's rows in order.
 *
 * Throws a DataError if the rows do not fit the model or, before predicting, if a column to copy is missing.
 * @param reserve columns of the rows to copy first
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
    const copies = reserve.map((name) => [name, columns.get(name)!] as const);
    yield {
      columns: [...reserved, ...predicted.columns],
      values: new Map([...copies, ...(await predicted.read())]),
    };
  }
}
