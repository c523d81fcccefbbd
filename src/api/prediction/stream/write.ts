/** Writes predictions of any number of rows to a Parquet file, in chunks. */
import { predictionRows } from "../../../data/index.js";
import type { ModelSpec } from "../../../spec/index.js";
import type { Dataset } from "../../data/index.js";
import type { WritePredictionsOptions, WrittenPredictions } from "../options.js";
import { type Predictor, predictedParts } from "./parts.js";
import { writeColumns } from "./write-columns.js";

/** Predicts the rows and writes them. @param spec the features that the predictor reads */
export async function writePredictions(
  predict: Predictor,
  spec: ModelSpec,
  { table }: Dataset,
  { path, reserve = [] }: WritePredictionsOptions,
): Promise<WrittenPredictions> {
  const rows = predictionRows(table, spec);
  await writeColumns(path, predictedParts(predict, table, rows, reserve));
  const notes = rows.warnings.map(
    ({ column, message, rows: count }) => `predicted data, column "${column}": ${message} (${count} rows)`,
  );
  return { path, rowCount: table.rows, notes };
}
